import { apiTime } from './standard-attributes.js'
import type { Db } from './table.js'

/** Records looked at, and deleted, in one go: nobody waits long behind it. */
const BATCH = 500

/**
 * Deletes the change log's oldest records, those from before `time` (as the log has it) up to the first that is not,
 * a batch at most; resolves to how many. The last record stays: whoever follows the log sees by it that it went on.
 */
export async function pruneBatch(db: Db, time: string, batch = BATCH): Promise<number> {
  const rows = await db
    .selectFrom('change_log')
    .select(['revision', 'time'])
    .orderBy('revision')
    .limit(batch + 1)
    .execute()
  const young = rows.findIndex((row) => row.time >= time)
  const last = rows[(young < 0 ? rows.length - 1 : young) - 1]
  if (!last) return 0
  const { numDeletedRows } = await db
    .deleteFrom('change_log')
    .where('revision', '<=', last.revision)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** All of them, batch by batch; between batches others have their turn. */
export async function pruneAll(prune: () => Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const count = await prune()
    if (count === 0) return total
    total += count
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The time, as the log has it, before which records may go. */
export function pruneTime(maxDays: number, now = Date.now()): string {
  return apiTime(new Date(now - maxDays * 86_400_000))
}
