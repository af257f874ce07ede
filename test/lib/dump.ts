import { type AgentStatus, askAgent } from '../../src/lab/agent-socket.js'
import { type Dump, dumpNode as dump } from '../../src/lab/dump.js'
import type { TestLab } from './lab.js'

export type { AgentStatus }

/** Everything of a node's data plane that our agents could have left something in, without counters and times. */
export function dumpNode(lab: TestLab, node: string): Promise<Dump> {
  return dump(lab.state, node)
}

/** Talks to an agent's control socket, seen from outside through the node's root. */
export function agent(
  lab: TestLab,
  node: string,
  binary: string,
  method: 'GET' | 'POST',
  path: string,
): Promise<AgentStatus> {
  return askAgent(lab.state, node, binary, method, path)
}

/** Agents of a node by their binaries. */
export const AGENTS: Readonly<Record<string, readonly string[]>> = {
  network1: [
    'neutron-openvswitch-agent',
    'neutron-l3-agent',
    'neutron-dhcp-agent',
    'neutron-metadata-agent',
    'neutron-metering-agent',
  ],
  compute1: ['neutron-openvswitch-agent', 'neutron-l3-agent', 'neutron-metadata-agent', 'neutron-metering-agent'],
  compute2: ['neutron-openvswitch-agent', 'neutron-l3-agent', 'neutron-metadata-agent', 'neutron-metering-agent'],
}
