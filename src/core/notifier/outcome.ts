import type { Logger } from '../../base/log.js'
import type { HttpReply } from '../../client/http.js'

/** `told`: nova has heard it, or will never want to. */
export type Outcome = 'told' | 'again'

interface Answered {
  readonly name?: string
  readonly server_uuid?: string
  readonly tag?: string
  readonly code?: number
}

/** No such instance (any more), or one that is on no host (yet): there is nobody to tell. */
const NOBODY = [404, 422]

/** What nova's answer means. It answers 207 when it could not pass some of the events on; each has a code then. */
export function outcomeOf({ status, body }: HttpReply, log: Logger): Outcome {
  if (NOBODY.includes(status)) return 'told'
  if (status === 400) {
    log.error({ answer: body.slice(0, 500) }, 'nova does not understand these events')
    return 'told'
  }
  if (status >= 300) {
    log.debug({ status }, 'nova could not be told, trying again')
    return 'again'
  }
  if (status === 207) for (const event of eventsOf(body)) if (event.code !== 200) notPassedOn(event, log)
  return 'told'
}

function notPassedOn({ name, server_uuid, tag, code }: Answered, log: Logger): void {
  const facts = { name, server: server_uuid, port: tag, code }
  if (code !== undefined && NOBODY.includes(code)) log.debug(facts, 'nova has nobody to tell of this event')
  else log.warn(facts, 'nova did not pass this event on')
}

function eventsOf(body: string): readonly Answered[] {
  try {
    const { events } = JSON.parse(body) as { events?: unknown }
    return Array.isArray(events) ? (events as Answered[]) : []
  } catch {
    return []
  }
}
