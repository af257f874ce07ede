import type { Message, Options } from 'amqplib'

/** `welcome` answers a hello; `bye` ends a session, or says that there is none of that name (any more). */
export type EnvelopeType = 'hello' | 'welcome' | 'message' | 'ping' | 'bye'

const TYPES: readonly string[] = ['hello', 'welcome', 'message', 'ping', 'bye'] satisfies EnvelopeType[]

/** What goes around a message of a session; it is in AMQP's own properties. */
export interface Envelope {
  readonly type: EnvelopeType
  /** id of the session, made by the agent (correlation-id) */
  readonly session: string
  /** counts one side's messages of the session from 1 (message-id); a hello and a bye are 0 */
  readonly number: number
  /** queue of the sender (reply-to) */
  readonly replyTo: string
  /** id of the sender's process (app-id) */
  readonly sender: string
}

export function envelopeProperties({ type, session, number, replyTo, sender }: Envelope): Options.Publish {
  return {
    type,
    correlationId: session,
    messageId: String(number),
    replyTo,
    appId: sender,
    contentType: 'application/json',
    // a message is of no worth to anybody after the session
    persistent: false,
  }
}

/** null: a stranger's message. */
export function readEnvelope({ properties }: Pick<Message, 'properties'>): Envelope | null {
  const { type, correlationId: session, messageId, replyTo, appId: sender } = properties
  const number = Number(messageId)
  if (!TYPES.includes(type) || !Number.isSafeInteger(number) || number < 0) return null
  if (![session, replyTo, sender].every((text) => typeof text === 'string' && text !== '')) return null
  return { type, session, number, replyTo, sender }
}
