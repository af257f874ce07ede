import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../../base/log.js'
import type { Host } from '../command/host.js'

const ROUNDS = 3
/** between unsolicited neighbour advertisements (RetransTimer of RFC 4861, 7.2.6) */
const PAUSE_MS = 1_000

/**
 * Tells the link that `ip` is at this device's MAC, three times, since any frame may be lost: IPv4 by gratuitous ARP
 * requests and replies (a listener may know only one of the two forms), IPv6 by neighbour advertisements.
 */
export async function announce(host: Host, netns: string, device: string, ip: string, log: Logger): Promise<void> {
  try {
    if (ip.includes(':')) await advertise(host, netns, device, ip)
    else await gratuitousArp(host, netns, device, ip)
  } catch (error) {
    log.debug({ err: error, ip, device }, 'could not announce an address')
  }
}

async function gratuitousArp(host: Host, netns: string, device: string, ip: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const form of ['-U', '-A']) {
      // takes a second, and ends with 1 because nobody answers
      await host.run(['arping', form, '-I', device, '-c', '1', '-w', '2', ip], { netns, okCodes: [0, 1] })
    }
  }
}

async function advertise(host: Host, netns: string, device: string, ip: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await delay(PAUSE_MS, undefined, { ref: false })
    await host.run(['ndptool', '-t', 'na', '-U', '-i', device, '-T', ip, 'send'], { netns })
  }
}
