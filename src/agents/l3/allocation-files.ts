import { readTextFile, replaceTextFile } from '../../dataplane/netns/text-file.js'
import { parseCidr } from '../../model/ip.js'
import type { Allocations } from './allocations.js'

/** Neutron's files: one `key,value` per line. Lines that make no sense are passed over. */
export class AllocationFiles {
  readonly #priorities: string
  readonly #links: string

  constructor(statePath: string) {
    this.#priorities = `${statePath}/fip-priorities`
    this.#links = `${statePath}/fip-linklocal-networks`
  }

  load(): Allocations {
    const priorities = pairs(this.#priorities).filter(([, value]) => /^\d+$/.test(value))
    const links = pairs(this.#links).filter(([, value]) => parseCidr(value)?.prefix === 31)
    return { priorities: new Map(priorities.map(([key, value]) => [key, Number(value)])), links: new Map(links) }
  }

  save({ priorities, links }: Allocations): void {
    replaceTextFile(this.#priorities, text(priorities))
    replaceTextFile(this.#links, text(links))
  }
}

function pairs(path: string): [string, string][] {
  return (readTextFile(path) ?? '').split('\n').flatMap((line) => {
    const [key, value, more] = line.trim().split(',')
    return key && value && more === undefined ? [[key, value] as [string, string]] : []
  })
}

function text(entries: ReadonlyMap<string, string | number>): string {
  return [...entries].map(([key, value]) => `${key},${value}\n`).join('')
}
