import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { pipeline } from '../pipeline.js'

/**
 * The bridge of a trunk (tbr-*), between an instance and br-int.
 *
 *   instance ─ 0 ─┬─ tpt-* (untagged: the parent's)
 *                 └─ spt-* (tagged: the tag's subport; the tag ends here)
 */
export const brTrunk = pipeline([['TRUNK', 0, "the tag of a frame says whose it is; another tag is nobody's"]])

/** OpenFlow ports of a trunk's bridge. */
export interface TrunkLinks {
  readonly instance: number
  readonly parent: number
  readonly subports: readonly { readonly vlan: number; readonly ofport: number }[]
}

const feature = 'trunk' as const

/** Frames with two tags go on with the inner one, which no port of br-int takes from an instance. */
export function trunkFlows({ instance, parent, subports }: TrunkLinks): Flow[] {
  const flow = (spec: Pick<Parameters<typeof brTrunk.flow>[0], 'priority' | 'match' | 'actions' | 'why'>) =>
    brTrunk.flow({ table: 'TRUNK', feature, ...spec })
  const output = (port: number) => ({ kind: 'output', port }) as const
  return [
    flow({ priority: 0, why: 'a tag that no subport has' }),
    flow({
      priority: 2,
      match: { inPort: instance, vlan: 'none' },
      actions: [output(parent)],
      why: "the instance's own network",
    }),
    flow({
      priority: 2,
      match: { inPort: parent, vlan: 'none' },
      actions: [output(instance)],
      why: "the instance's own network",
    }),
    ...subports.flatMap(({ vlan, ofport }) => [
      flow({
        priority: 2,
        match: { inPort: instance, vlan },
        actions: [{ kind: 'popVlan' }, output(ofport)],
        why: 'the network that the tag stands for in the instance',
      }),
      flow({
        priority: 2,
        match: { inPort: ofport, vlan: 'none' },
        actions: [{ kind: 'pushVlan', vlan }, output(instance)],
        why: 'the network that the tag stands for in the instance',
      }),
    ]),
  ]
}
