import type { RateLimit } from '../../model/cloud.js'
import type { Host } from '../command/host.js'
import { ipBatch } from '../ip/batch.js'
import { ifbName, incoming, type LimitedDevice, outgoing, queueLines } from '../tc/address-limits.js'
import { ingressDevices, leadsTo, ourDevices, parseTcDump, queueOf, type TcDump } from '../tc/parse-limits.js'

const IFB = /^ifb-/
const NO_DUMP: TcDump = { qdiscs: [], filters: [], rates: new Map() }

/**
 * Rates of single addresses in one namespace. Where there are any there is an ifb device, also when only what goes out is limited: by it
 * a process started a minute ago knows that there is something to read.
 */
export class NamespaceLimits {
  readonly #host: Host
  readonly #netns: string
  /** ifb devices of the namespace */
  #ifbs: readonly string[] = []
  /** what was brought about last, as text; null: look first */
  #last: string | null = null

  constructor(host: Host, netns: string) {
    this.#host = host
    this.#netns = netns
  }

  /** All links of the namespace were read. */
  linksRead(names: Iterable<string>): void {
    this.#ifbs = [...names].filter((name) => IFB.test(name))
  }

  /** A device may have gone, and what was set on it with it. */
  forget(): void {
    this.#last = null
  }

  /** @returns number of commands that changed something */
  async apply(desired: LimitedDevice | undefined, readBack: boolean): Promise<number> {
    const wanted = desired && desired.addresses.length > 0 ? desired : undefined
    if (!wanted && this.#ifbs.length === 0) return 0
    const text = JSON.stringify(wanted ?? null)
    if (!readBack && text === this.#last) return 0
    this.#last = null
    const made = await this.#makeIfb(wanted)
    const dump = await this.#read(wanted)
    const lines = [...this.#clearOthers(dump, wanted?.device), ...(wanted ? limitLines(dump, wanted) : [])]
    await this.#run(lines, 'tc')
    const gone = await this.#removeIfbs(wanted && ifbName(wanted.device))
    this.#last = text
    return made + gone + (lines.length > 0 ? 1 : 0)
  }

  async #makeIfb(wanted: LimitedDevice | undefined): Promise<number> {
    const name = wanted && ifbName(wanted.device)
    if (!name || this.#ifbs.includes(name)) return 0
    await this.#run([`link add ${name} type ifb`, `link set ${name} up`], 'ip')
    this.#ifbs = [...this.#ifbs, name]
    return 1
  }

  async #removeIfbs(kept: string | undefined): Promise<number> {
    const stale = this.#ifbs.filter((name) => name !== kept)
    await this.#run(
      stale.map((name) => `link del ${name}`),
      'ip',
    )
    this.#ifbs = this.#ifbs.filter((name) => name === kept)
    return stale.length > 0 ? 1 : 0
  }

  async #read(wanted: LimitedDevice | undefined): Promise<TcDump> {
    const devices = wanted ? [wanted.device, ifbName(wanted.device)] : []
    const dumps = [
      'qdisc show',
      ...devices.flatMap((device) => [`class show dev ${device}`, `filter show dev ${device}`]),
      ...(wanted ? [`filter show dev ${wanted.device} parent ffff:`] : []),
    ]
    const command = ['tc', '-n', this.#netns, '-j', '-force', '-batch', '-']
    // a device without an ingress has no filters there
    const { stdout } = await this.#host.run(command, { input: `${dumps.join('\n')}\n`, okCodes: [0, 1, 2] })
    return stdout.trim() === '' ? NO_DUMP : parseTcDump(stdout)
  }

  /** What is ours on devices that are not limited (any more). */
  #clearOthers(dump: TcDump, device: string | undefined): string[] {
    const others = ourDevices(dump, '7e0c').filter((name) => name !== device)
    const ingress = ingressDevices(dump).filter((name) => name !== device && this.#ifbs.includes(ifbName(name)))
    return [
      ...others.map((name) => `qdisc del dev ${name} root`),
      ...ingress.map((name) => `qdisc del dev ${name} ingress`),
    ]
  }

  async #run(lines: readonly string[], tool: 'ip' | 'tc'): Promise<void> {
    const faults = await ipBatch(this.#host, lines, { netns: this.#netns, tool })
    if (faults.length > 0) throw new Error(faults.map(({ line, message }) => `${tool} ${line}: ${message}`).join('; '))
  }
}

function limitLines(dump: TcDump, { device, addresses }: LimitedDevice): string[] {
  const of = (direction: 'egress' | 'ingress') =>
    new Map(
      addresses.flatMap((each): [string, RateLimit][] => (each[direction] ? [[each.address, each[direction]]] : [])),
    )
  const [sent, received] = [of('egress'), of('ingress')]
  return [
    ...queueLines(outgoing(device), queueOf(dump, outgoing(device)), sent),
    ...queueLines(incoming(device), queueOf(dump, incoming(device)), received),
    ...wayIn(dump, device, received.size > 0),
  ]
}

/** Whether what comes in by the device is led through its ifb. */
function wayIn(dump: TcDump, device: string, wanted: boolean): string[] {
  const ifb = ifbName(device)
  const isThere = ingressDevices(dump).includes(device)
  if (wanted && isThere && leadsTo(dump, ifb)) return []
  return [
    ...(isThere ? [`qdisc del dev ${device} ingress`] : []),
    ...(wanted
      ? [
          `qdisc add dev ${device} ingress`,
          `filter add dev ${device} parent ffff: protocol ip prio 1 handle 800::1 u32 match u32 0 0 action mirred egress redirect dev ${ifb}`,
        ]
      : []),
  ]
}
