/** `host-192-168-1-3`, with `.` and `:` turned into `-`. */
export function defaultHostName(ip: string): string {
  return `host-${ip.replaceAll(/[.:]/g, '-')}`
}

/** Name with the domain behind it; without a domain the bare name. */
export function qualified(name: string, domain: string): string {
  return domain === '' ? name : `${name}.${domain}`
}
