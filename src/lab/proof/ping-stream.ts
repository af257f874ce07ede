import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import type { Place } from './places.js'
import { talk } from './talk.js'

/** What a stream of pings, twenty a second, had for answers since it was asked last. */
export interface Stretch {
  readonly received: number
  /** answers that came twice */
  readonly duplicates: number
  /** longest time without an answer */
  readonly longestGapMs: number
}

export interface PingStream {
  take(): Promise<Stretch>
  end(): Promise<void>
}

/** Starts pinging; resolves when the first answers came. */
export async function pingStream(cloud: Cloud, place: Place, address: string): Promise<PingStream> {
  const stream = await talk(cloud, place, 'ping', address)
  const take = async () => JSON.parse(await stream.ask()) as Stretch
  const started = performance.now()
  for (let received = 0; received === 0; received = (await take()).received) {
    expect(performance.now() - started < 5000, `${address} does not answer pings`)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  return { take, end: () => stream.end() }
}
