import { setTimeout as delay } from 'node:timers/promises'
import type { Cloud } from './cloud.js'
import { follow, type Place } from './places.js'

/** An answer to a ping. */
export interface Answer {
  /** when it came, ms since 1970 */
  readonly at: number
  /** number of the ping, from 1 */
  readonly seq: number
  /** as it arrived: tells who sent it, when senders start with different ones, and over how many routers */
  readonly ttl: number
}

/** A ping, a hundred times a second. */
export interface Watch {
  /** every answer so far */
  readonly answers: readonly Answer[]
  stop(): Promise<void>
}

/** `[1700000000.123456] 64 bytes from 192.168.1.3: icmp_seq=3 ttl=59 time=0.534 ms` */
const LINE = /^\[(\d+\.\d+)\] .* icmp_seq=(\d+) ttl=(\d+) /

export async function watch(cloud: Cloud, place: Place, address: string): Promise<Watch> {
  const answers: Answer[] = []
  const stop = await follow(cloud, place, ['watch', address], (line) => {
    const found = line.match(LINE)
    if (found) answers.push({ at: Number(found[1]) * 1000, seq: Number(found[2]), ttl: Number(found[3]) })
  })
  return { answers, stop }
}

/** The first answer after `since` that is wanted; null when none came within `patienceMs`. */
export async function firstAnswer(
  { answers }: Watch,
  since: number,
  isWanted: (answer: Answer) => boolean,
  patienceMs = 5000,
): Promise<Answer | null> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const found = answers.find((answer) => answer.at >= since && isWanted(answer))
    if (found) return found
    if (Date.now() > deadline) return null
    await delay(5)
  }
}
