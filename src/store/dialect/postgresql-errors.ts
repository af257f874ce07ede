/** How often a transaction is run when others get in its way. */
const CONFLICTS = 4
/** Waits for a server that went away: about five seconds altogether, as long as a restart takes. */
const ABSENCES_MS = [50, 100, 200, 400, 800, 1_500, 2_000] as const

/** unique_violation, serialization_failure, deadlock_detected: rolled back; another run meets what the other one wrote. */
const CONFLICT = /^(23505|40001|40P01)$/
/**
 * Class 08 connection exceptions, admin_shutdown, crash_shutdown, cannot_connect_now; or the system's word for a socket
 * that nobody serves.
 */
const ABSENCE = /^(08...|57P0[123]|E(CONNREFUSED|CONNRESET|PIPE|NOENT|HOSTUNREACH|NETUNREACH|TIMEDOUT|AI_AGAIN))$/
/** The client's own errors about a lost connection have no code. */
const LOST =
  /^(Connection terminated|Query read timeout|Client (was closed|has encountered)|timeout exceeded when trying to connect)/

/** See `Database.retryAfter`. */
export function retryAfter(error: unknown, attempt: number, commitSent: boolean): number | null {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const word = typeof code === 'string' ? code : ''
  if (CONFLICT.test(word)) return attempt < CONFLICTS ? 0 : null
  if (commitSent) return null
  return ABSENCE.test(word) || (word === '' && LOST.test(String(message))) ? (ABSENCES_MS[attempt - 1] ?? null) : null
}
