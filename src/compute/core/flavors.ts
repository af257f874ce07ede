/** A size of instances. An instance is a set of namespaces: the numbers are shown, nothing is reserved. */
export interface Flavor {
  readonly id: string
  readonly name: string
  readonly ram: number
  readonly vcpus: number
  readonly disk: number
}

/** The sizes every OpenStack of the Kilo era came with. */
export const FLAVORS: readonly Flavor[] = [
  { id: '1', name: 'm1.tiny', ram: 512, vcpus: 1, disk: 1 },
  { id: '2', name: 'm1.small', ram: 2048, vcpus: 1, disk: 20 },
  { id: '3', name: 'm1.medium', ram: 4096, vcpus: 2, disk: 40 },
  { id: '4', name: 'm1.large', ram: 8192, vcpus: 4, disk: 80 },
  { id: '5', name: 'm1.xlarge', ram: 16384, vcpus: 8, disk: 160 },
]

export function findFlavor(id: string): Flavor | undefined {
  return FLAVORS.find((flavor) => flavor.id === id)
}
