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

  /**
   * What is not here any more goes first, so that the flows which follow are those of what stays; devices are there before
   * Open vSwitch opens them. Returns the number of writes.
   */
  async apply({ ports, filterBridges }: Trunks, audit: boolean, outcome: Outcome): Promise<number> {
    const isLost = ports.some(({ name }) => this.#vswitch.interface(name)?.ofport === -1)
    const removed = await this.#vswitch.deletePorts(this.#unwanted(ports))
    const { writes, made, failed } = await this.#filters.ensure(filterBridges, audit || isLost)
    for (const [id, message] of failed) outcome.errors.push({ kind: 'port', id, message })
    const passed = ports.length === 0 ? 0 : await passTagged()
    // a port whose device was made anew keeps the old one's fate until it is added again
    const reopened = await this.#vswitch.deletePorts(made)
    const added = await this.#vswitch.ensurePorts(ports)
    return removed + writes + passed + reopened + added + (await this.#filters.sweep())
  }

  #unwanted(wanted: Trunks['ports']): string[] {
    const names = new Set(wanted.map(({ name }) => name))
    return [this.#integrationBridge, ...trunkBridges(this.#vswitch)]
      .flatMap((bridge) => this.#vswitch.ports(bridge))
      .flatMap(({ name }) => (!names.has(name) && this.#isOurs(name) ? [name] : []))
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
