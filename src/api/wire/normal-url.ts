/** Paths whose last segment is free text. */
const FREE_TEXT = /\/tags\/[^/]+$/

/**
 * The one form of a path that routes know: single slashes, none at the end, no `.json`, and of the two spellings that
 * clients have for floating IP pools the one in Neutron's API reference. The query stays as it is.
 */
export function normalUrl(url: string): string {
  const at = url.indexOf('?')
  const path = (at < 0 ? url : url.slice(0, at))
    .replace(/\/{2,}/g, '/')
    .replace(/(.)\/$/, '$1')
    .replace(/\/floatingip-pools$/, '/floatingip_pools')
  const plain = FREE_TEXT.test(path) ? path : path.replace(/\.json$/, '')
  return at < 0 ? plain : plain + url.slice(at)
}
