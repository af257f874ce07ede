import { request } from 'node:http'
import type { TestLab } from './lab.js'

/** Everything of a node's data plane that our agents could have left something in, without counters and times. */
export async function dumpNode(lab: TestLab, node: string): Promise<Record<string, string[]>> {
  const bridges = (await lab.read(node, 'ovs-vsctl', 'list-br')).trim().split('\n').sort()
  const dump: Record<string, string[]> = {
    namespaces: lines(await lab.read(node, 'ip', 'netns')),
    links: lines(await lab.read(node, 'ip', '-o', '-br', 'link')).map((line) => line.split(/[ @]/)[0]!),
    rules: lines(await lab.read(node, 'ip', 'rule')),
    routes: lines(await lab.read(node, 'ip', 'route', 'show', 'table', 'all', 'proto', 'static')),
    sets: lines(await lab.read(node, 'ipset', 'list', '-n')),
    iptables: lines(strip(await lab.read(node, 'iptables-save'))),
    ip6tables: lines(strip(await lab.read(node, 'ip6tables-save'))),
    processes: lines(await lab.read(node, 'ps', '-eo', 'comm=')).filter((name) =>
      ['dnsmasq', 'haproxy', 'udhcpc', 'arping'].includes(name),
    ),
  }
  for (const bridge of bridges) {
    dump[`ports of ${bridge}`] = lines(await lab.read(node, 'ovs-vsctl', 'list-ports', bridge))
    const flows = await lab.read(
      node,
      'ovs-ofctl',
      '-O',
      'OpenFlow14',
      '--no-names',
      '--no-stats',
      'dump-flows',
      bridge,
    )
    dump[`flows of ${bridge}`] = lines(flows.replace(/cookie=0x[0-9a-f]+, /g, ''))
  }
  return dump
}

function strip(save: string): string {
  return save.replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, '')
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort()
}

export interface AgentStatus {
  readonly binary: string
  readonly revision: number
  readonly applied: number
  readonly writes: number
  readonly last_writes: number
  readonly errors: readonly { readonly kind: string; readonly id: string; readonly message: string }[]
  readonly view: readonly string[]
}

/** Talks to an agent's control socket, seen from outside through the node's root. */
export function agent(
  lab: TestLab,
  node: string,
  binary: string,
  method: 'GET' | 'POST',
  path: string,
): Promise<AgentStatus> {
  const socketPath = `/proc/${lab.state.inits[node]!.pid}/root/run/neutron/${binary}.sock`
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => resolve(JSON.parse(text) as AgentStatus))
    })
    call.on('error', reject)
    call.end()
  })
}

/** Agents of a node by their binaries. */
export const AGENTS: Readonly<Record<string, readonly string[]>> = {
  network1: ['neutron-openvswitch-agent', 'neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent'],
  compute1: ['neutron-openvswitch-agent', 'neutron-l3-agent', 'neutron-metadata-agent'],
  compute2: ['neutron-openvswitch-agent', 'neutron-l3-agent', 'neutron-metadata-agent'],
}
