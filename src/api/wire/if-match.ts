import { badRequest } from '../faults.js'

/** Revision of `If-Match: revision_number=N`; undefined without the header. */
export function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const found = [...header.matchAll(/revision_number=(\d+)/g)]
  if (found.length === 1) return Number(found[0]![1])
  throw badRequest(`Bad format for revision_number in If-Match header: ${header}`)
}
