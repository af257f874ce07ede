/** Replies as JSON text: like JSON.stringify, and a bigint is the number it is (counts of IPv6 addresses). */
import { randomUUID } from 'node:crypto'

/** Nobody who writes texts into the cloud knows it. */
const MARK = `bigint-${randomUUID()}-`
const MARKED = new RegExp(`"${MARK}(\\d+)"`, 'g')

export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // only a bigint is worth a second look at every value
    if (!(error instanceof TypeError)) throw error
    const text = JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${MARK}${item}` : item))
    return text.replaceAll(MARKED, '$1')
  }
}
