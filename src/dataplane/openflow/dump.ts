import type { FlowTable, FlowText } from './flow.js'

/**
 * Reads `ovs-ofctl --no-names --no-stats dump-flows`, which leaves out cookie 0, table 0 and priority 32768:
 * ` cookie=0x1, table=20, hard_timeout=300, priority=1,vlan_tci=0x0009/0x0fff actions=output:6`.
 */
export function parseDump(text: string): FlowTable {
  const flows = text.split('\n').flatMap((line) => parseLine(line) ?? [])
  return new Map(flows.map((flow) => [flow.key, flow]))
}

function parseLine(line: string): FlowText | null {
  const at = line.indexOf(' actions=')
  if (at < 0) return line.startsWith(' actions=') ? { key: 'table=0,priority=32768', actions: '', cookie: 0n } : null
  let head = line.slice(0, at).trim()
  let cookie = 0n
  let table = '0'
  for (let next = head.match(PROPERTY); next; next = head.match(PROPERTY)) {
    if (next[1] === 'priority' || !PROPERTIES.has(next[1]!)) break
    if (next[1] === 'cookie') cookie = BigInt(next[2]!)
    if (next[1] === 'table') table = next[2]!
    head = head.slice(next[0].length)
  }
  head = head.replace(/^(?:[a-z_]+ )+/, '') // flags such as reset_counts
  const match = head.startsWith('priority=') ? head : head === '' ? 'priority=32768' : `priority=32768,${head}`
  return { key: `table=${table},${match}`, actions: line.slice(at + ' actions='.length), cookie }
}

/** Properties end with `, `, match fields with `,`. */
const PROPERTY = /^(\w+)=([^,\s]+)(?:, |,?$)/
const PROPERTIES = new Set(['cookie', 'table', 'idle_timeout', 'hard_timeout', 'importance', 'send_flow_rem'])
