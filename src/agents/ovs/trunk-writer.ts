import { readFile, writeFile } from 'node:fs/promises'
import type { Host } from '../../dataplane/command/host.js'
import { FilterBridges } from '../../dataplane/filter-bridge/filter-bridges.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { Trunks } from './desired/trunks.js'
import type { Outcome } from './errors.js'
import { trunkBridges } from './snapshot.js'

/** Whether iptables sees tagged frames on Linux bridges, without their tags: a parent's rules are not for them. */
const FILTER_TAGGED = '/proc/sys/net/bridge/bridge-nf-filter-vlan-tagged'

/** The far end of a subport's filter bridge. */
const isSubportEnd = (device: string) => /^spt-[0-9a-f]{8}-[0-9a-f]$/.test(device)

/** Keeps what joins the bridges of trunks with br-int: Linux bridges of subports, and ports at both ends. */
export class TrunkWriter {
  readonly #vswitch: Vswitch
  readonly #integrationBridge: string
  readonly #filters: FilterBridges

  constructor(host: Host, vswitch: Vswitch, integrationBridge: string) {
    this.#vswitch = vswitch
    this.#integrationBridge = integrationBridge
    this.#filters = new FilterBridges(host, isSubportEnd)
  }

  /** Devices before Open vSwitch opens them, then the ports. Returns the number of writes. */
  async ensure({ ports, filterBridges }: Trunks, audit: boolean, outcome: Outcome): Promise<number> {
    const isLost = ports.some(({ name }) => this.#vswitch.interface(name)?.ofport === -1)
    const { writes, made, failed } = await this.#filters.ensure(filterBridges, audit || isLost)
    for (const [id, message] of failed) outcome.errors.push({ kind: 'port', id, message })
    const passed = ports.length === 0 ? 0 : await passTagged()
    // a port whose device was made anew keeps the old one's fate until it is added again
    const reopened = await this.#vswitch.deletePorts(made)
    return writes + passed + reopened + (await this.#vswitch.ensurePorts(ports))
  }

  /** Removes ports and devices of trunks, and of subports, that are not here any more. */
  async sweep({ ports }: Trunks): Promise<number> {
    const wanted = new Set(ports.map(({ name }) => name))
    const bridges = [this.#integrationBridge, ...trunkBridges(this.#vswitch)]
    const unwanted = bridges
      .flatMap((bridge) => this.#vswitch.ports(bridge))
      .filter(({ name }) => !wanted.has(name) && this.#isOurs(name))
    const writes = await this.#vswitch.deletePorts(unwanted.map(({ name }) => name))
    return writes + (await this.#filters.sweep())
  }

  #isOurs(port: string): boolean {
    return this.#vswitch.interface(port)?.externalIds.trunk_id !== undefined
  }
}

async function passTagged(): Promise<number> {
  if ((await readFile(FILTER_TAGGED, 'utf8').catch(() => '0')).trim() === '0') return 0
  await writeFile(FILTER_TAGGED, '0\n')
  return 1
}
