/** What a flow is for: bits 32–47 of its cookie. Numbers are on real switches: never reuse one. */
export const FEATURES = {
  base: 1,
  network: 2,
  dvr: 3,
  spoofing: 4,
  l2population: 5,
  /** flows the switch makes from our learn action */
  learned: 6,
  qos: 7,
  trunk: 8,
  localIp: 9,
} as const

export type Feature = keyof typeof FEATURES
