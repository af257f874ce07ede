import type { Logger } from '../../base/log.js'
import type { Host } from '../command/host.js'

const ROUNDS = 3

/**
 * Tells the link that `ip` is at this device's MAC: gratuitous ARP requests and replies, three rounds of each. A
 * listener may know only one of the two forms, and any frame may be lost.
 */
export async function announce(host: Host, netns: string, device: string, ip: string, log: Logger): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const form of ['-U', '-A']) {
      // takes a second, and ends with 1 because nobody answers
      const argv = ['arping', form, '-I', device, '-c', '1', '-w', '2', ip]
      const done = await host.run(argv, { netns, okCodes: [0, 1] }).catch((error: unknown) => error as Error)
      if (done instanceof Error) return log.debug({ err: done, ip, device }, 'could not announce an address')
    }
  }
}
