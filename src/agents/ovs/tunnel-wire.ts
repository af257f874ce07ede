import type { Host } from '../../dataplane/command/host.js'
import { ipBatch } from '../../dataplane/ip/batch.js'
import { disableIpv6 } from '../../dataplane/ip/silence.js'
import { unixctl } from '../../dataplane/openflow/unixctl.js'
import type { OvsBridge, Vswitch } from '../../dataplane/ovsdb/types.js'
import { cidrOf, formatCidr } from '../../model/ip.js'
import type { TunnelWire } from './desired/wire.js'
import { WIRE_BRIDGE, WIRE_INSIDE, WIRE_OUTSIDE } from './device-names.js'

/** Preference of our filters: nobody else's are touched. */
const PREFERENCE = 4747

const MARK = { 'eastwest-bridge': 'tunnel-wire' }
const isOurs = ({ externalIds }: OvsBridge) => externalIds['eastwest-bridge'] === MARK['eastwest-bridge']

/** What is there, as lines of the commands that make it. */
type Present = ReadonlySet<string>

/**
 * Open vSwitch's own tunnels need the endpoint's address on a bridge. Where the kernel holds it, on a NIC, a bridge
 * beside it has the same address and MAC, and packets of the tunnels' protocols are handed over:
 *
 *   br-tun ─ gre-… ─(tunnel)─ br-wire ─ wire-ovs ═veth═ wire-nic ─(tc)─ NIC
 *
 * The kernel never sees these packets on the NIC, and nothing else of the NIC comes to Open vSwitch.
 */
export class TunnelWireWriter {
  readonly #host: Host
  readonly #vswitch: Vswitch
  #done: string | null = null

  constructor(host: Host, vswitch: Vswitch) {
    this.#host = host
    this.#vswitch = vswitch
  }

  /** @param audit compare with what is there. Returns the number of writes. */
  async apply(wire: TunnelWire | null, audit: boolean): Promise<number> {
    const key = JSON.stringify(wire)
    if (!audit && this.#done === key) return 0
    const before = this.#done === null ? null : (JSON.parse(this.#done) as TunnelWire | null)
    this.#done = null
    const gone = before && before.nic !== wire?.nic ? before.nic : null
    const writes = (wire ? await this.#make(wire) : await this.#remove()) + (gone ? await this.#release(gone) : 0)
    this.#done = key
    return writes
  }

  async #make(wire: TunnelWire): Promise<number> {
    const links = await this.#links()
    let writes = 0
    if (!links.has(`link ${WIRE_INSIDE} ${wire.mtu}`)) {
      await ipBatch(this.#host, [`link del ${WIRE_OUTSIDE}`])
      await this.#expect([
        `link add ${WIRE_INSIDE} mtu ${wire.mtu} type veth peer name ${WIRE_OUTSIDE} mtu ${wire.mtu}`,
      ])
      for (const device of [WIRE_INSIDE, WIRE_OUTSIDE]) disableIpv6(device)
      await this.#expect([WIRE_INSIDE, WIRE_OUTSIDE].map((device) => `link set ${device} arp off up`))
      writes += 1 + (await this.#vswitch.deletePorts([WIRE_INSIDE]))
    }
    writes += await this.#bridge(wire)
    const address = `${wire.ip}/${wire.prefixLength}`
    if (!links.has(`address ${address}`) || !links.has(`link ${WIRE_BRIDGE} ${wire.mtu}`)) {
      disableIpv6(WIRE_BRIDGE)
      await this.#expect([
        `link set ${WIRE_BRIDGE} mtu ${wire.mtu} arp off up`,
        `address replace ${address} dev ${WIRE_BRIDGE} noprefixroute`,
      ])
      writes++
    }
    return writes + (await this.#handOver(wire)) + (await this.#route(wire))
  }

  async #bridge({ mac }: TunnelWire): Promise<number> {
    const there = this.#vswitch.bridge(WIRE_BRIDGE)
    if (there && !isOurs(there)) throw new Error(`bridge ${WIRE_BRIDGE} is somebody else's`)
    const marked = { externalIds: MARK, otherConfig: { hwaddr: mac } }
    const made = await this.#vswitch.ensureBridges([{ name: WIRE_BRIDGE, datapathType: 'netdev', ...marked }])
    return made + (await this.#vswitch.ensurePorts([{ bridge: WIRE_BRIDGE, name: WIRE_INSIDE, type: '' }]))
  }

  /** Packets of our protocols to our address leave the NIC for the wire; what comes off the wire leaves by the NIC. */
  async #handOver({ nic, ip, protocols }: TunnelWire): Promise<number> {
    const [inbound, outbound] = await Promise.all([this.#redirections(nic), this.#redirections(WIRE_OUTSIDE)])
    const clear = (device: string, found: readonly string[]) => (found.length > 0 ? [removeFilters(device)] : [])
    const isRight = (found: readonly string[], target: string, count: number) =>
      found.length === count && found.every((device) => device === target)
    const add = (device: string, match: string, target: string) => [
      `qdisc add dev ${device} clsact`,
      `filter add dev ${device} ingress protocol ip pref ${PREFERENCE} u32 ${match} action mirred egress redirect dev ${target}`,
    ]
    const lines = [
      ...(isRight(inbound, WIRE_OUTSIDE, protocols.length)
        ? []
        : [
            ...clear(nic, inbound),
            ...protocols.flatMap((protocol) =>
              add(nic, `match ip protocol ${protocol} 0xff match ip dst ${ip}/32`, WIRE_OUTSIDE),
            ),
          ]),
      ...(isRight(outbound, nic, 1)
        ? []
        : [...clear(WIRE_OUTSIDE, outbound), ...add(WIRE_OUTSIDE, 'match u32 0 0', nic)]),
    ]
    await ipBatch(this.#host, lines, { tool: 'tc' }).then((faults) => {
      const real = faults.filter(({ line }) => !line.startsWith('qdisc'))
      if (real.length > 0) throw new Error(real.map(({ line, message }) => `tc ${line}: ${message}`).join('; '))
    })
    return lines.length > 0 ? 1 : 0
  }

  /** Where our filters on a device's way in lead to; `*` is a device that is gone. */
  async #redirections(device: string): Promise<string[]> {
    const argv = ['tc', 'filter', 'show', 'dev', device, 'ingress', 'pref', String(PREFERENCE)]
    const { stdout } = await this.#host.run(argv, { okCodes: [0, 1, 2] })
    return [...stdout.matchAll(/Egress Redirect to device (\S+?)\)/g)].map(([, target]) => target!)
  }

  /** Userspace tunnelling follows the kernel's routes, which lead to the NIC: it is told better. */
  async #route({ ip, prefixLength }: TunnelWire): Promise<number> {
    const subnet = formatCidr(cidrOf(`${ip}/${prefixLength}`))
    const { ovsRun } = this.#host.paths
    const [routes = ''] = await unixctl(ovsRun, [['ovs/route/show']])
    if (routes.includes(`User: ${subnet} dev ${WIRE_BRIDGE} `)) return 0
    await unixctl(ovsRun, [['ovs/route/add', subnet, WIRE_BRIDGE]])
    return 1
  }

  async #remove(): Promise<number> {
    const there = this.#vswitch.bridge(WIRE_BRIDGE)
    if (!there || !isOurs(there)) return 0
    const { ovsRun } = this.#host.paths
    const [routes = ''] = await unixctl(ovsRun, [['ovs/route/show']])
    const own = [...routes.matchAll(new RegExp(`^User: (\\S+) dev ${WIRE_BRIDGE} `, 'gm'))]
    await unixctl(
      ovsRun,
      own.map(([, subnet]) => ['ovs/route/del', subnet!]),
    )
    const [nic] = await this.#redirections(WIRE_OUTSIDE)
    await this.#vswitch.deleteBridges([WIRE_BRIDGE])
    await ipBatch(this.#host, [`link del ${WIRE_OUTSIDE}`])
    if (nic) await this.#release(nic)
    return 1
  }

  async #release(nic: string): Promise<number> {
    if ((await this.#redirections(nic)).length === 0) return 0
    await ipBatch(this.#host, [removeFilters(nic)], { tool: 'tc' })
    return 1
  }

  async #links(): Promise<Present> {
    const { stdout } = await this.#host.run(['ip', '-j', 'address', 'show'])
    const links = JSON.parse(stdout || '[]') as {
      ifname: string
      mtu: number
      flags: string[]
      addr_info: { local: string; prefixlen: number }[]
    }[]
    return new Set(
      links.flatMap(({ ifname, mtu, flags, addr_info }) => [
        ...(flags.includes('UP') ? [`link ${ifname} ${mtu}`] : []),
        ...(ifname === WIRE_BRIDGE ? addr_info.map(({ local, prefixlen }) => `address ${local}/${prefixlen}`) : []),
      ]),
    )
  }

  async #expect(lines: readonly string[]): Promise<void> {
    const [fault] = await ipBatch(this.#host, lines)
    if (fault) throw new Error(`ip ${fault.line}: ${fault.message}`)
  }
}

const removeFilters = (device: string) => `filter del dev ${device} ingress pref ${PREFERENCE}`
