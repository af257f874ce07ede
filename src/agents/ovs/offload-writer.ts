import type { Host } from '../../dataplane/command/host.js'
import { readOffloads, setOffload } from '../../dataplane/ethtool/offloads.js'
import { inParallel } from '../../dataplane/netns/parallel.js'
import type { Offload } from './desired/offloads.js'

const AT_ONCE = 8

/** Keeps transmit offload of the instances' veths as desired. */
export class OffloadWriter {
  readonly #host: Host
  #done: ReadonlyMap<string, Offload> | null = null

  constructor(host: Host) {
    this.#host = host
  }

  /** @param audit compare with the kernel. Returns the number of devices that were set. */
  async apply(wanted: ReadonlyMap<string, Offload>, audit: boolean): Promise<number> {
    const done = this.#done
    this.#done = null
    const stale =
      audit || !done ? await this.#differing(wanted) : [...wanted].filter(([name, now]) => !same(done, name, now))
    await inParallel(stale, AT_ONCE, ([name, { on }]) => setOffload(this.#host, name, on))
    this.#done = wanted
    return stale.length
  }

  /** A device that is not there belongs to a port that was plugged in another way. */
  async #differing(wanted: ReadonlyMap<string, Offload>): Promise<(readonly [string, Offload])[]> {
    if (wanted.size === 0) return []
    const actual = await readOffloads(this.#host)
    return [...wanted].filter(([name, { on }]) => actual.has(name) && actual.get(name) !== on)
  }
}

function same(done: ReadonlyMap<string, Offload>, name: string, { on, ofport }: Offload): boolean {
  const before = done.get(name)
  return before?.on === on && before.ofport === ofport
}
