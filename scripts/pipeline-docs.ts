/**
 * Writes the parts of docs/pipeline that come from the code, between their markers:
 *
 *   node --import tsx scripts/pipeline-docs.ts
 *
 * The flows are those the agent wants for the constructed cloud of its unit tests.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DesiredHost } from '../src/agents/ovs/desired/desired.js'
import { brInt } from '../src/agents/ovs/pipeline/br-int/tables.js'
import { brPhy } from '../src/agents/ovs/pipeline/br-phy/tables.js'
import { brTrunk } from '../src/agents/ovs/pipeline/br-trunk/flows.js'
import { brTun } from '../src/agents/ovs/pipeline/br-tun/tables.js'
import { FEATURES, type Feature } from '../src/agents/ovs/pipeline/features.js'
import type { Tables } from '../src/agents/ovs/pipeline/pipeline.js'
import { exampleObjects, ID, MAC, network, port, SETTINGS, subnet } from '../src/agents/ovs/testing/example.fake.js'
import { desired, exampleLocal } from '../src/agents/ovs/testing/local.fake.js'
import { joinedTrunk, TRUNK, TRUNK_PORTS, trunkObjects } from '../src/agents/ovs/testing/trunk.fake.js'
import type { HostObject } from '../src/bus/contracts/host-view.js'
import { renderActions } from '../src/dataplane/openflow/action.js'
import { cookieOf, formatCookie } from '../src/dataplane/openflow/cookie.js'
import { renderMatch } from '../src/dataplane/openflow/match.js'
import { OWNER } from '../src/model/owners.js'

export const PAGES = resolve(import.meta.dirname, '../docs/pipeline')

/** A state of compute1 of which a page shows what the states before it did not have. */
interface Case {
  readonly title: string
  readonly want: DesiredHost
  readonly bridge: string
}

const WIRE_VLAN = 101
const V6 = { subnet: '7a11c0de-0000-4000-8000-000000000006', qr: 'b1a894fd-ffff-4000-8000-000000000006' }
const V6_QR = { mac: 'fa:16:3e:c1:20:56', ofport: 10 }

function exampleDemoNet(carrier: 'vxlan' | 'vlan', dualStack: boolean): HostObject {
  const v4 = subnet(ID.demoSubnet, '192.168.1.0/24', '192.168.1.1')
  const v6 = subnet(V6.subnet, 'fd00:1::/64', 'fd00:1::1', {
    ipVersion: 6,
    ipv6RaMode: 'slaac',
    ipv6AddressMode: 'slaac',
  })
  return network(ID.demoNet, {
    ...(carrier === 'vlan' ? { type: 'vlan', physicalNetwork: 'vlan', segmentationId: WIRE_VLAN } : {}),
    subnets: dualStack ? [v4, v6] : [v4],
    peers: ['compute2', 'network1'],
  })
}

/** The network gets an IPv6 subnet with a router interface of its own, the instance an address of it. */
function withIpv6(object: HostObject): HostObject {
  if (object.kind !== 'port' || object.id !== ID.instance1) return object
  return { ...object, fixedIps: [...object.fixedIps, { subnetId: V6.subnet, ip: 'fd00:1::11' }] }
}

function example(carrier: 'vxlan' | 'vlan', dualStack = false): DesiredHost {
  const objects = exampleObjects().map((object) =>
    object.kind === 'network' && object.id === ID.demoNet ? exampleDemoNet(carrier, dualStack) : object,
  )
  if (!dualStack) return desired([...objects, MARKED], exampleLocal())
  const qr = port(V6.qr, ID.demoNet, V6_QR.mac, {
    fixedIps: [{ subnetId: V6.subnet, ip: 'fd00:1::1' }],
    deviceOwner: OWNER.distributedRouterInterface,
    deviceId: ID.router,
  })
  const local = exampleLocal()
  const devices = [
    ...local.devices,
    { name: 'qr-b1a894fd-ff', portId: V6.qr, ofport: V6_QR.ofport, otherConfig: {} },
    { name: 'qvo99999999-99', portId: '99999999-9999', ofport: 9, otherConfig: {} },
  ]
  return desired([...objects.map(withIpv6), qr], { ...local, devices })
}

const VX = ['vx-1', 4] as const

/** The same host where the kernel makes the tunnels. */
const fast = () => {
  const local = exampleLocal()
  const ports = [...local.ofports].filter(([name]) => !name.startsWith('vxlan-'))
  const profile = { ...SETTINGS.profile, vxlan: 'kernel' } as const
  return desired(exampleObjects(), { ...local, ofports: new Map([...ports, VX]) }, { ...SETTINGS, profile })
}

const compute1 = () => example('vxlan')
const MARKED = { kind: 'port_qos', id: ID.instance1, egress: null, ingress: null, dscp: 26 } as const

const centralized = () => desired(exampleObjects(), exampleLocal(), { ...SETTINGS, distributedRouting: false })

/** Two local IPs that instance 1 stands for. */
const LOCAL_IPS: readonly HostObject[] = [
  { kind: 'local_ip', id: 'a', ip: '192.168.1.50', mode: 'translate', portId: ID.instance1, fixedIp: '192.168.1.11' },
  { kind: 'local_ip', id: 'b', ip: '192.168.1.51', mode: 'passthrough', portId: ID.instance1, fixedIp: '192.168.1.11' },
]

const withoutSecurity = (object: HostObject): HostObject =>
  object.kind === 'port' && object.id === ID.instance1 ? { ...object, portSecurityEnabled: false } : object

const ON_VLAN = `With demo-net as VLAN ${WIRE_VLAN} of \`br-vlan\` in place of VXLAN`
const DUAL_STACK = 'With an IPv6 subnet on demo-net too, and a device `qvo99999999-99` that no port belongs to'
const WITH_LOCAL_IPS =
  'Where instance 1 stands for two local IPs: 192.168.1.50, which is translated, and 192.168.1.51, which is not'
const UNSECURED = 'The same without port security of instance 1'
const FAST = 'Where the kernel makes the tunnels (datapath profile `netdev-tso`)'
const CENTRALIZED = 'Without `enable_distributed_routing`'

interface Page {
  readonly tables: Tables
  readonly cases: readonly Case[]
}

function pages(): Readonly<Record<string, Page>> {
  const int = (title: string, want: DesiredHost): Case => ({ title, want, bridge: 'br-int' })
  const tun = (title: string, want: DesiredHost): Case => ({ title, want, bridge: 'br-tun' })
  return {
    'br-int': {
      tables: brInt.tables,
      cases: [
        int('compute1', compute1()),
        int(ON_VLAN, example('vlan')),
        int(DUAL_STACK, example('vxlan', true)),
        int(WITH_LOCAL_IPS, desired([...exampleObjects(), MARKED, ...LOCAL_IPS], exampleLocal())),
        int(UNSECURED, desired([...exampleObjects().map(withoutSecurity), ...LOCAL_IPS], exampleLocal())),
        int(CENTRALIZED, centralized()),
      ],
    },
    'br-tun': {
      tables: brTun.tables,
      cases: [
        tun('compute1', compute1()),
        tun(DUAL_STACK, example('vxlan', true)),
        tun(CENTRALIZED, centralized()),
        tun(FAST, fast()),
      ],
    },
    'br-phy': {
      tables: brPhy.tables,
      cases: [
        { title: '`br-ex` of compute1', want: compute1(), bridge: 'br-ex' },
        { title: `\`br-vlan\` with demo-net as VLAN ${WIRE_VLAN}`, want: example('vlan'), bridge: 'br-vlan' },
        { title: '`br-vlan`, with an IPv6 subnet on it too', want: example('vlan', true), bridge: 'br-vlan' },
        { title: `${CENTRALIZED}: \`br-ex\``, want: centralized(), bridge: 'br-ex' },
      ],
    },
    'br-trunk': {
      tables: brTrunk.tables,
      cases: [
        {
          title: `\`${TRUNK.bridge}\` with a subport behind tag ${TRUNK.vlan}`,
          want: desired(trunkObjects(), joinedTrunk()),
          bridge: TRUNK.bridge,
        },
      ],
    },
  }
}

interface Row {
  readonly table: number
  readonly priority: number
  readonly match: string
  readonly actions: string
  readonly why: string
}

/** Names of a bridge's ports by number, as `ovs-ofctl --names` shows them. */
function portNames(bridge: string): Map<number, string> {
  if (bridge === TRUNK.bridge) return new Map(TRUNK_PORTS.map(([name, ofport]) => [ofport, name]))
  const { devices, ofports } = exampleLocal()
  const patches: Readonly<Record<string, RegExp>> = {
    'br-int': /^(patch-tun|int-.*)$/,
    'br-tun': /^(patch-int|vx(lan)?-.*)$/,
  }
  const own = patches[bridge] ?? new RegExp(`^phy-${bridge}$`)
  const names = [...ofports, VX].filter(([name]) => own.test(name)).map(([name, ofport]) => [ofport, name] as const)
  if (bridge !== 'br-int') return new Map(names)
  const plugged = devices.map(({ ofport, name }) => [ofport!, name] as const)
  return new Map([...names, ...plugged, [9, 'qvo99999999-99'], [V6_QR.ofport, 'qr-b1a894fd-ff']])
}

function flowRows({ want, bridge }: Case): Row[] {
  const names = portNames(bridge)
  const named = (text: string) =>
    text.replace(/\b(in_port=|output:)(\d+)/g, (whole, field, number) => {
      const name = names.get(Number(number))
      return name === undefined ? whole : `${field}"${name}"`
    })
  const rows = (want.flows.get(bridge) ?? []).map(({ table, priority, match, actions, why }) => ({
    table,
    priority,
    match: named(renderMatch(match)),
    actions: named(renderActions(actions)),
    why,
  }))
  // of two with one match a switch keeps one: the first, as in `flowTable`
  const kept = new Map(rows.toReversed().map((row) => [`${row.table} ${row.priority} ${row.match}`, row]))
  return [...kept.values()].sort((a, b) => b.priority - a.priority || (a.match < b.match ? -1 : 1))
}

const keyOf = ({ table, priority, match, actions }: Row) => `${table} ${priority} ${match} ${actions}`

/** Each case with the rows that no case before it has. */
function newRows(cases: readonly Case[]): (readonly [title: string, rows: readonly Row[]])[] {
  const shown = new Set<string>()
  return cases.map((one) => {
    const rows = flowRows(one).filter((row) => !shown.has(keyOf(row)))
    for (const row of rows) shown.add(keyOf(row))
    return [one.title, rows] as const
  })
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const code = (text: string) => (text === '' ? '' : `\`${text}\``)

const renderFlows = (rows: readonly Row[]) =>
  renderTable(
    ['Priority', 'Match', 'Actions', 'Why'],
    rows.map(({ priority, match, actions, why }) => [String(priority), code(match) || 'any', code(actions), why]),
  )

/** One section per table: purpose, flows of the first case, then what the other cases add. */
function renderPage({ tables, cases }: Page): string {
  const found = newRows(cases)
  return tables
    .map(([name, number, purpose]) => {
      const parts = found.flatMap(([title, rows]) => {
        const here = rows.filter(({ table }) => table === number)
        return here.length === 0 ? [] : [`${title}:\n\n${renderFlows(here)}`]
      })
      const flows = parts.length === 0 ? ['No flows in these examples.'] : parts
      return [`## ${number} ${name}`, `${purpose[0]!.toUpperCase()}${purpose.slice(1)}.`, ...flows].join('\n\n')
    })
    .join('\n\n')
}

const MEANING: Readonly<Record<keyof typeof MAC, string>> = {
  tg: 'router interface (gateway 192.168.1.1) on demo-net, the same on every host',
  tn: 'centralized SNAT port 192.168.1.2, on network1',
  i1: 'instance 1, 192.168.1.11, on compute1',
  i3: 'instance 3, 192.168.1.13, on compute2',
  dhcp: 'DHCP port 192.168.1.4, on network1',
  fg: 'agent gateway of compute1 on ext-net, 203.0.113.103',
  d1: "compute1's own MAC",
  d2: "compute2's own MAC",
  dn: "network1's own MAC",
}

const FEATURE_MEANING: Readonly<Record<Feature, string>> = {
  base: 'there whatever the cloud looks like',
  network: 'a network of the host: local VLAN to wire VLAN or VNI',
  dvr: 'distributed routers',
  spoofing: "a guest's own addresses, and dead devices",
  l2population: 'known MACs and addresses of other hosts',
  learned: "made by the switch from table 10's learn action",
  qos: 'marks of QoS policies',
  trunk: 'tags of trunks',
  localIp: 'local IPs, and the guests that use them',
}

function overview(): string {
  const rows = Object.entries(pages()).flatMap(([page, { tables }]) =>
    tables.map(([name, number, purpose]) => [
      `[${page}](${page}.md#${number}-${name.toLowerCase()})`,
      String(number),
      code(name),
      purpose,
    ]),
  )
  return renderTable(['Bridge', 'Table', 'Name', 'Purpose'], rows)
}

function cookies(): string {
  const rows = (Object.entries(FEATURES) as [Feature, number][]).map(([feature, number]) => [
    code(formatCookie(cookieOf(number))),
    feature,
    FEATURE_MEANING[feature],
  ])
  return renderTable(['Cookie', 'Feature', 'Flows'], rows)
}

function addresses(): string {
  const rows = (Object.keys(MAC) as (keyof typeof MAC)[]).map((key) => [code(MAC[key]), MEANING[key]])
  return renderTable(['MAC', 'Whose'], rows)
}

/** What the pages should have between their markers: file name, marker, text. */
export function generated(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    'README.md': { tables: overview(), cookies: cookies(), addresses: addresses() },
    ...Object.fromEntries(Object.entries(pages()).map(([name, page]) => [`${name}.md`, { flows: renderPage(page) }])),
  }
}

/** The page with new texts between its markers; the prose around them stays. Throws when a marker is missing. */
export function withGenerated(page: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((result, [marker, text]) => {
    const [start, end] = [`<!-- generated: ${marker} -->`, `<!-- end of ${marker} -->`]
    const [from, to] = [result.indexOf(start), result.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`the page lacks the markers of '${marker}'`)
    return `${result.slice(0, from + start.length)}\n\n${text}\n\n${result.slice(to)}`
  }, page)
}

function write(): void {
  for (const [file, texts] of Object.entries(generated())) {
    const path = resolve(PAGES, file)
    writeFileSync(path, withGenerated(readFileSync(path, 'utf8'), texts))
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) write()
