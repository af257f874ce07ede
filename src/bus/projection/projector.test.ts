import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { CloudObject } from '../../model/cloud.js'
import { hostObjectKey } from '../contracts/host-view.js'
import { Cloud } from './cloud.js'
import { type ViewMap, viewMap } from './diff.js'
import { Projector } from './projector.js'
import { IDS, instancePort, network, port, router, scenarioCloud, subnet } from './scenario-cloud.fake.js'

const HOSTS = ['network1', 'compute1', 'compute2']
const OTHER_NET = 'net-2'
const OTHER_SUBNET = 'subnet-2'
const OTHER_GROUP = 'group-2'

/** A second network that the router joins, and a group that looks at the first one. */
const others: CloudObject[] = [
  { kind: 'metering_label', id: 'label-1', projectId: 'demo', shared: false, rules: [] },
  { kind: 'log', id: 'log-1', projectId: 'demo', event: 'ALL', groupId: OTHER_GROUP, portId: null },
  network(OTHER_NET),
  subnet(OTHER_SUBNET, OTHER_NET, '192.168.2.0/24', '192.168.2.1'),
  port(
    '77777777-0000-4000-8000-000000000007',
    OTHER_NET,
    { subnetId: OTHER_SUBNET, ip: '192.168.2.1' },
    {
      deviceId: IDS.router,
      deviceOwner: 'network:router_interface_distributed',
      vifType: 'distributed',
    },
  ),
  {
    kind: 'security_group',
    id: OTHER_GROUP,
    projectId: 'demo',
    name: 'watching',
    stateful: true,
    rules: [
      {
        id: 'r2',
        direction: 'ingress',
        ethertype: 'IPv4',
        protocol: null,
        portMin: null,
        portMax: null,
        remoteIpPrefix: null,
        remoteGroupId: IDS.group,
      },
    ],
  },
]

/** One of four instance ports with some values, or its end. */
const portChange = fc
  .record({
    number: fc.integer({ min: 1, max: 4 }),
    gone: fc.boolean(),
    host: fc.constantFrom(null, ...HOSTS),
    onOther: fc.boolean(),
    last: fc.integer({ min: 10, max: 14 }),
    groups: fc.subarray([IDS.group as string, OTHER_GROUP]),
    deviceId: fc.constantFrom('', 'vm-1', IDS.router as string),
    deviceOwner: fc.constantFrom('', 'compute:nova', 'baremetal:none'),
    name: fc.constantFrom('', 'x'),
  })
  .map(({ number, gone, host, onOther, last, groups, ...more }) => {
    const id = `0${number}0b0c00-0000-4000-8000-00000000000a`
    const fixed = onOther
      ? { subnetId: OTHER_SUBNET, ip: `192.168.2.${last}` }
      : { subnetId: IDS.demoSubnet, ip: `192.168.1.${last}` }
    const over = { ...more, networkId: onOther ? OTHER_NET : IDS.demoNet, fixedIps: [fixed], securityGroups: groups }
    return { kind: 'port' as const, id, value: gone ? null : instancePort(id, fixed.ip, host, over) }
  })

/** Anything else that comes or goes. */
const otherChange = fc
  .record({ object: fc.constantFrom(...others, ...scenarioCloud(), router), gone: fc.boolean() })
  .map(({ object, gone }) => ({ kind: object.kind, id: object.id, value: gone ? null : object }))

const batches = fc.array(
  fc.array(fc.oneof({ weight: 5, arbitrary: portChange }, { weight: 1, arbitrary: otherChange }), {
    minLength: 1,
    maxLength: 3,
  }),
  { maxLength: 12 },
)

it('names every host whose view a change alters', () => {
  fc.assert(
    fc.property(batches, (all) => {
      const objects = new Map([...scenarioCloud(), ...others].map((object) => [`${object.kind}/${object.id}`, object]))
      const projector = new Projector(Cloud.of(objects.values()))
      const views = new Map<string, ViewMap>(HOSTS.map((host) => [host, viewMap(projector.project(host))]))
      const watchers = (id: string) =>
        HOSTS.filter((host) => views.get(host)!.has(hostObjectKey({ kind: 'group_members', id })))
      for (const changes of all) {
        for (const { kind, id, value } of changes) {
          if (value) objects.set(`${kind}/${id}`, value)
          else objects.delete(`${kind}/${id}`)
        }
        for (const host of projector.apply(changes, watchers) ?? HOSTS)
          views.set(host, viewMap(projector.project(host)))
        const fresh = new Projector(Cloud.of(objects.values()))
        for (const host of HOSTS) assert.deepEqual(views.get(host), viewMap(fresh.project(host)), host)
      }
    }),
    { numRuns: 300 },
  )
})
