/**
 * Cookies tell whose a flow is. Upper 16 bits: our mark; next 16 bits: what the flow is for; lower 32 bits free.
 * A process that starts fresh recognises its own flows by the mark and leaves all others alone.
 */
const MARK = 0xea57n

export type Cookie = bigint

export function cookieOf(feature: number): Cookie {
  return (MARK << 48n) | (BigInt(feature) << 32n)
}

export function isOurs(cookie: Cookie): boolean {
  return cookie >> 48n === MARK
}

export function formatCookie(cookie: Cookie): string {
  return `0x${cookie.toString(16)}`
}

/** Selects all our flows in `ovs-ofctl dump-flows`. */
export const OUR_FLOWS = `cookie=${formatCookie(MARK << 48n)}/0xffff000000000000`
