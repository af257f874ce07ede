import { createHash } from 'node:crypto'

export interface Image {
  readonly id: string
  readonly name: string
}

/** Images by configuration. Their ids follow from their names, so that they stay the same from start to start. */
export function imagesOf(names: readonly string[]): Image[] {
  return names.map((name) => ({ id: idOf(name), name }))
}

/** A name-based UUID (RFC 4122, version 5). */
function idOf(name: string): string {
  const hash = createHash('sha1').update(`eastwest image ${name}`).digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
