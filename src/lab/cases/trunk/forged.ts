import { qvbName, tapName } from '../../../model/device-names.js'
import { capture, type Tap } from '../../proof/capture.js'
import { expect } from '../../proof/expect.js'
import type { Frame } from '../../proof/pcap.js'
import { pings } from '../../proof/places.js'
import type { CaseRun } from '../case.js'
import type { TrunkInstance, Trunks } from './setup.js'

const FALSE_MAC = 'fa:16:3e:00:de:ad'
const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const FALSE_IP = '192.168.2.250'
/** more than the networks that a host of the case has, in the order in which local VLANs are given out */
const LOCAL_VLANS = [1, 2, 3, 4]

/** Sends what an instance may not send through its trunk, and listens where it would arrive. */
export async function expectForgedDropped(run: CaseRun, cloud: Trunks): Promise<void> {
  const { first, second, plain } = cloud
  const { inside, blue } = first
  const listen = (name: string, node: string, portId: string): Tap => ({ name, node, device: qvbName(portId) })
  // before its filter
  const own: Tap = { name: 'the instance itself', node: first.host, device: tapName(first.portId) }
  const taps = [
    own,
    listen('the plain instance', plain.host, plain.portId),
    listen('the other parent', second.host, second.portId),
    listen('the other blue subport', second.host, second.blue.id),
    listen('the other red subport', second.host, second.red.id),
  ]
  const targets = new Set([plain.mac, second.mac, BROADCAST])
  const ping = (...more: string[]) => pings(run, { instance: first.id }, plain.ip, 2, '-W', '0.2', ...more)
  const arrived = async (action: () => Promise<unknown>, isForged: (frame: Frame) => boolean) => {
    const frames = await capture(run.state, taps, '', action)
    const sent = frames.get(own.name)!.some(({ ethSrc, ethDst }) => targets.has(ethDst) && ethSrc !== plain.mac)
    expect(sent, 'nothing left the instance')
    return [...frames].flatMap(([name, all]) => (name !== own.name && all.some(isForged) ? [name] : []))
  }
  const dropped = async (what: string, isForged: (frame: Frame) => boolean, action: () => Promise<unknown>) => {
    const places = await arrived(action, isForged)
    expect(places.length === 0, `${what} arrived at ${places.join(' and ')}`)
  }
  const ofBlue = ({ icmp, ip }: Frame) => icmp?.type === 8 && ip?.src === blue.ip
  const from = (ip: string) => (frame: Frame) => (frame.ip?.src ?? frame.arp?.spa) === ip

  const seen = await arrived(() => ping('-I', blue.device), ofBlue)
  expect(seen.join() === 'the plain instance', `pings of the subport arrive at '${seen.join()}'`)
  // asked for by ARP the target would not be found at all
  await inside.at('ip', 'neigh', 'replace', plain.ip, 'lladdr', plain.mac, 'dev', blue.device)
  await inside.at('ip', 'address', 'add', `${FALSE_IP}/32`, 'dev', blue.device)
  await dropped('a false source address', from(FALSE_IP), () => ping('-I', FALSE_IP))
  await dropped('ARP for a false address', from(FALSE_IP), () =>
    // ends with 1: nobody answers
    inside.at('timeout', '2', 'arping', '-q', '-U', '-I', blue.device, '-c', '1', '-w', '1', FALSE_IP).catch(() => ''),
  )
  await inside.at('ip', 'address', 'del', `${FALSE_IP}/32`, 'dev', blue.device)

  for (const [what, mac] of [
    ['a false MAC', FALSE_MAC],
    ["the parent's MAC", first.mac],
  ] as const) {
    await setMac(inside, blue.device, mac)
    // the parent itself may say something meanwhile
    await dropped(
      what,
      (frame) => frame.ethSrc === mac && (mac === FALSE_MAC || ofBlue(frame) || from(blue.ip)(frame)),
      () => ping('-I', blue.device),
    )
  }
  await setMac(inside, blue.device, blue.mac)
  await inside.at('ip', 'neigh', 'replace', plain.ip, 'lladdr', plain.mac, 'dev', blue.device)
  await dropped('a frame with a false tag', ofBlue, async () => {
    for (const vlan of [first.red.vlan, 300, ...LOCAL_VLANS]) {
      await inside.retag(blue.device, vlan)
      await ping('-I', blue.device)
    }
    await inside.retag(blue.device, blue.vlan)
  })
  await dropped('a frame with two tags', ofBlue, async () => {
    for (const inner of [blue.vlan, first.red.vlan, ...LOCAL_VLANS]) {
      await inside.tagTwice(blue.device, blue.vlan, inner)
      await ping('-I', blue.device)
    }
    await inside.plain(blue.device)
  })
  await untagged(run, cloud, dropped)
}

/** What the subport may send tagged, the parent may not send untagged. */
async function untagged(
  run: CaseRun,
  { first: { inside, blue, id }, second }: Trunks,
  dropped: (what: string, isForged: (frame: Frame) => boolean, action: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await inside.at('ip', 'neigh', 'replace', second.ip, 'lladdr', second.mac, 'dev', 'eth0')
  await inside.at('ip', 'address', 'add', `${blue.ip}/32`, 'dev', 'eth0')
  const isForged = ({ ip }: Frame) => ip?.src === blue.ip
  await dropped("a subport's address without its tag", isForged, () =>
    pings(run, { instance: id }, second.ip, 2, '-W', '0.3', '-I', blue.ip),
  )
  await inside.at('ip', 'address', 'del', `${blue.ip}/32`, 'dev', 'eth0')
  await inside.at('ip', 'neigh', 'del', second.ip, 'dev', 'eth0')
}

async function setMac(inside: TrunkInstance['inside'], device: string, mac: string): Promise<void> {
  await inside.at('ip', 'link', 'set', device, 'address', mac)
}
