import { randomUUID } from 'node:crypto'
import type { Options } from 'amqplib'

/** Routing key and queue of the first word of every session: agents put their hello there, all servers take from it. */
export const HELLO_TOPIC = 'q-agents-plugin'

/** Routing key that leads to one server: to the one whose projection has this epoch. */
export const serverTopic = (epoch: string) => `${HELLO_TOPIC}.${epoch}`

/** AMQP's limit for names, in bytes. */
const LONGEST = 255

/** `neutron-l3-agent.compute1.<id>`: the queue of one connection of a process. It is never used again. */
export function ownQueue(binary: string, host: string): string {
  const end = `.${randomUUID()}`
  const name = Buffer.from(`${binary}.${host}`).subarray(0, LONGEST - end.length)
  return name.toString().replace(/\ufffd+$/, '') + end
}

/** Lasts as the broker does; what is in it does not, and each hello in it is of worth for a short time only. */
export const HELLO_QUEUE: Options.AssertQueue = { durable: true, autoDelete: false }

/**
 * Options of a process's own queue. It is gone as soon as its connection is, so that a message for a dead process comes
 * back to the sender; one that does not read cannot fill the broker: beyond `longest` messages the sender is refused.
 */
export function ownQueueOptions(longest: number): Options.AssertQueue {
  return { exclusive: true, autoDelete: true, durable: false, maxLength: longest, overflow: 'reject-publish' }
}
