import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inNode } from '../node.js'
import { managementIp } from '../spec.js'
import { type LabState, nodeVarLib } from '../state.js'
import type { Place } from './place.js'

/** A folder below /var/lib of a node, as the node sees it. */
export const folderOnNode = (service: string) => `/var/lib/services/${service}`

/** A lab node, on which a service has its usual ports. It ends with the node, and so do its files. */
export function nodePlace({ spec, inits }: LabState, name: string): Place {
  const node = spec.nodes.find((one) => one.name === name)!
  return {
    argv: (command) => inNode(inits[name]!, command),
    folder: (service) => {
      const outside = join(nodeVarLib(spec.name, name), 'services', service)
      mkdirSync(outside, { recursive: true, mode: 0o755 })
      return { outside, inside: folderOnNode(service) }
    },
    address: managementIp(node),
    port: async (usual) => usual,
  }
}
