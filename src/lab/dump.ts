import { runInNode } from './node.js'
import type { LabState } from './state.js'

/** Lines of each part of a node's data plane, sorted. */
export type Dump = Readonly<Record<string, string[]>>

/** Everything of a node's data plane that our agents could have left something in, without counters and times. */
export async function dumpNode(state: LabState, node: string): Promise<Dump> {
  const read = async (...argv: string[]) => (await runInNode(state.inits[node]!, argv)).stdout
  const bridges = (await read('ovs-vsctl', 'list-br')).trim().split('\n').sort()
  const dump: Record<string, string[]> = {
    namespaces: lines(await read('ip', 'netns')),
    links: lines(await read('ip', '-o', '-br', 'link')).map((line) => line.split(/[ @]/)[0]!),
    // where the kernel's VXLAN devices lead: with them br-tun's flows are the same for every far end
    'forwarding entries': lines(await read('bridge', 'fdb', 'show')).filter((line) => line.includes(' dst ')),
    rules: lines(await read('ip', 'rule')),
    routes: lines(await read('ip', 'route', 'show', 'table', 'all', 'proto', 'static')),
    sets: lines(await read('ipset', 'list', '-n')),
    iptables: lines(strip(await read('iptables-save'))),
    ip6tables: lines(strip(await read('ip6tables-save'))),
    processes: lines(await read('ps', '-eo', 'comm=')).filter((name) =>
      ['dnsmasq', 'haproxy', 'udhcpc', 'arping'].includes(name),
    ),
  }
  for (const bridge of bridges) {
    dump[`ports of ${bridge}`] = lines(await read('ovs-vsctl', 'list-ports', bridge))
    const options = ['-O', 'OpenFlow14', '--no-names', '--no-stats']
    const flows = await read('ovs-ofctl', ...options, 'dump-flows', bridge)
    dump[`flows of ${bridge}`] = lines(flows.replace(/cookie=0x[0-9a-f]+, /g, ''))
  }
  return dump
}

/** What `now` has beside `before` (`+`) and what it lacks (`-`), a line each; empty when they are equal. */
export function dumpDifferences(before: Dump, now: Dump): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].sort().flatMap((part) => {
    const [was, is] = [before[part] ?? [], now[part] ?? []]
    const more = is.filter((line) => !was.includes(line)).map((line) => `+ ${part}: ${line}`)
    const less = was.filter((line) => !is.includes(line)).map((line) => `- ${part}: ${line}`)
    const repeated = more.length + less.length === 0 && was.length !== is.length
    return repeated ? [`${is.length - was.length} more of the same in ${part}`] : [...more, ...less]
  })
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
