import type { Host } from '../command/host.js'
import { type JsonDump, type JsonLink, parseDump } from './parse.js'
import type { NamespaceState } from './types.js'

const DUMPS = ['addr show', 'rule show', 'route show table all', 'neigh show', 'neigh show proxy']

/** Reads a namespace with two commands. Rejects when it is not there or no namespace. */
export async function readNamespace(host: Host, netns: string): Promise<NamespaceState> {
  const base = ['ip', '-n', netns, '-j']
  const [dumps, rules6] = await Promise.all([
    host.run([...base, '-batch', '-'], { input: `${DUMPS.join('\n')}\n` }),
    // a kernel without IPv6 has no such rules
    host.run([...base, '-6', 'rule', 'show'], { okCodes: [0, 1, 2] }),
  ])
  const [links, rules, routes, neighbours, proxies] = splitArrays(dumps.stdout)
  return parseDump({ links, rules, routes, neighbours, proxies, rules6: parseArray(rules6.stdout) } as JsonDump)
}

/** A link of the host itself. */
export interface HostLink {
  readonly mtu: number
  readonly up: boolean
}

/** The host's own links, by name. */
export async function readHostLinks(host: Host): Promise<Map<string, HostLink>> {
  const { stdout } = await host.run(['ip', '-j', 'link', 'show'])
  const links = parseArray(stdout) as JsonLink[]
  return new Map(links.map(({ ifname, mtu, flags }) => [ifname, { mtu, up: flags.includes('UP') }]))
}

function parseArray(text: string): unknown[] {
  return text.trim() === '' ? [] : (JSON.parse(text) as unknown[])
}

/** In a batch `ip -j` prints one array per line, `[]` (or nothing, older ones) for an empty dump. */
function splitArrays(text: string): unknown[][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length !== DUMPS.length) throw new Error(`ip -j -batch printed ${lines.length} of ${DUMPS.length} dumps`)
  return lines.map((line) => parseArray(line.replaceAll(/\s+$/g, '')))
}
