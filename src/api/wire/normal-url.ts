/** Paths whose last segment is free text. */
const FREE_TEXT = /\/tags\/[^/]+$/
/** Collections with an underscore in their path: Neutron takes the hyphen of all others for it. */
const HYPHENATED = /^\/v2\.0\/(floatingip-pools|network-segment-ranges|local-ips)(?=[/.]|$)/

/**
 * The one form of a path that routes know: single slashes, none at the end, no `.json`, and of two spellings
 * the one in Neutron's API reference. The query stays as it is.
 */
export function normalUrl(url: string): string {
  const at = url.indexOf('?')
  const path = (at < 0 ? url : url.slice(0, at))
    .replace(/\/{2,}/g, '/')
    .replace(/(.)\/$/, '$1')
    .replace(HYPHENATED, (start) => start.replaceAll('-', '_'))
  const plain = FREE_TEXT.test(path) ? path : path.replace(/\.json$/, '')
  return at < 0 ? plain : plain + url.slice(at)
}
