import { expect } from '../../proof/expect.js'
import { type Json, makeNetwork } from '../../proof/objects.js'
import { expectRefused, type Refusal } from '../../proof/refused.js'
import type { Case, CaseRun } from '../case.js'

/** The lab's ranges: VLANs 101 to 200 of the physical network vlan, GRE keys and VXLAN identifiers from 1; tried in this order. */
const VLANS = { first: 101, last: 200 }

interface Segment {
  readonly id: string
  readonly type: string
  readonly physical: string | null
  readonly segment: number | null
}

/** Which segment a network gets, and how the API answers when there is none or somebody has it. */
export const segmentAllocation: Case = {
  name: 'segment-allocation',
  title:
    'segments in the order of tenant_network_types, lowest first, reused; clashes, exhaustion and ranges as Neutron answers',
  async run(run) {
    await run.step('the first type, its lowest number, again when it is free', async () => {
      const [one, two] = [await project(run, 'segment-1'), await project(run, 'segment-2')]
      expectSegment(one, 'vlan', 'vlan', VLANS.first)
      expectSegment(two, 'vlan', 'vlan', VLANS.first + 1)
      await run.demo.network.remove('networks', one.id)
      expectSegment(await project(run, 'segment-3'), 'vlan', 'vlan', VLANS.first)
    })
    await run.step('chosen by an administrator, in part or whole', async () => {
      expectSegment(await provider(run, { network_type: 'gre' }), 'gre', null, 1)
      expectSegment(await provider(run, { network_type: 'vxlan' }), 'vxlan', null, 1)
      expectSegment(await provider(run, { network_type: 'vxlan', segmentation_id: 70_000 }), 'vxlan', null, 70_000)
      const vlan = { network_type: 'vlan', physical_network: 'vlan' }
      expectSegment(await provider(run, vlan), 'vlan', 'vlan', VLANS.first + 2)
      // outside of the range nothing is allocated, but an administrator may have it
      expectSegment(await provider(run, { ...vlan, segmentation_id: 999 }), 'vlan', 'vlan', 999)
      expectSegment(
        await provider(run, { network_type: 'flat', physical_network: 'external' }),
        'flat',
        'external',
        null,
      )
    })
    await run.step('from a range of the project alone, which others do not get', () => ownRange(run))
    await run.step('clashes', () => clashes(run))
    await run.step('what makes no sense', () => nonsense(run))
    await run.step('a user may not choose', () =>
      expectRefused(() => run.demo.network.create('networks', { 'provider:network_type': 'gre' }), {
        status: 403,
        type: 'PolicyNotAuthorized',
        message: '(rule:create_network and rule:create_network:provider:network_type) is disallowed by policy',
      }),
    )
    await run.step('no VLAN is left: users get the next type, whoever insists nothing', () => exhausted(run))
  },
}

/** Two VLANs of the configured range for the project: it gets them before the others. */
async function ownRange(run: CaseRun): Promise<void> {
  const { network } = run.admin
  const own = VLANS.last - 10
  const { project_id } = (await run.demo.network.list('networks'))[0]!
  const range = await network.create('network_segment_ranges', {
    ...{ name: 'own', shared: false, project_id },
    ...{ network_type: 'vlan', physical_network: 'vlan', minimum: own, maximum: own + 1 },
  })
  const one = await project(run, 'own-1')
  expectSegment(one, 'vlan', 'vlan', own)
  await expectRefused(() => network.remove('network_segment_ranges', range.id), {
    status: 409,
    type: 'NetworkSegmentRangeReferencedByProject',
    message: `Network Segment Range ${range.id} is referenced by one or more tenant networks.`,
  })
  await run.demo.network.remove('networks', one.id)
  await network.remove('network_segment_ranges', range.id)
}

async function project(run: CaseRun, name: string): Promise<Segment> {
  return segmentOf(run, (await makeNetwork(run, name, '192.168.1.0/24')).id)
}

const body = (attributes: Json) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`provider:${name}`, value]))

async function provider(run: CaseRun, attributes: Json): Promise<Segment> {
  return segmentOf(run, (await run.admin.network.create('networks', body(attributes))).id)
}

async function segmentOf(run: CaseRun, id: string): Promise<Segment> {
  const shown = (await run.admin.network.show('networks', id)) as unknown as Record<string, unknown>
  return {
    id,
    type: String(shown['provider:network_type']),
    physical: shown['provider:physical_network'] as string | null,
    segment: shown['provider:segmentation_id'] as number | null,
  }
}

function expectSegment({ type, physical, segment }: Segment, ...wanted: (string | number | null)[]): void {
  const found = [type, physical, segment].join(' ')
  expect(found === wanted.join(' '), `the network is on ${found}, expected ${wanted.join(' ')}`)
}

function refuse(run: CaseRun, attributes: Json, refusal: Refusal): Promise<void> {
  return expectRefused(() => run.admin.network.create('networks', body(attributes)), refusal)
}

async function clashes(run: CaseRun): Promise<void> {
  const vlan = { network_type: 'vlan', physical_network: 'vlan', segmentation_id: VLANS.first }
  await refuse(run, vlan, {
    status: 409,
    type: 'VlanIdInUse',
    message: `Unable to create the network. The VLAN ${VLANS.first} on physical network vlan is in use.`,
  })
  for (const network_type of ['gre', 'vxlan']) {
    await refuse(
      run,
      { network_type, segmentation_id: 1 },
      {
        status: 409,
        type: 'TunnelIdInUse',
        message: 'Unable to create the network. The tunnel ID 1 is in use.',
      },
    )
  }
  await refuse(
    run,
    { network_type: 'flat', physical_network: 'external' },
    {
      status: 409,
      type: 'FlatNetworkInUse',
      message: 'Unable to create the flat network. Physical network external is in use.',
    },
  )
}

const invalid = (what: string): Refusal => ({
  status: 400,
  type: 'InvalidInput',
  message: `Invalid input for operation: ${what}.`,
})

async function nonsense(run: CaseRun): Promise<void> {
  const vlan = { network_type: 'vlan', physical_network: 'vlan' }
  const cases: readonly (readonly [Json, string])[] = [
    [{ segmentation_id: 7 }, 'network_type required'],
    [{ network_type: 'stt' }, "network_type value 'stt' not supported"],
    [{ ...vlan, segmentation_id: 4095 }, 'segmentation_id out of range (1 through 4094)'],
    [{ ...vlan, segmentation_id: 0 }, 'segmentation_id out of range (1 through 4094)'],
    [
      { network_type: 'vlan', segmentation_id: 7 },
      'segmentation_id requires physical_network for VLAN provider network',
    ],
    [{ ...vlan, physical_network: 'mars' }, "physical_network 'mars' unknown for VLAN provider network"],
    [
      { network_type: 'vlan', physical_network: 'external' },
      'Physical network external requires segmentation_id to be specified when creating a provider network',
    ],
    [{ network_type: 'vxlan', segmentation_id: 2 ** 24 }, `segmentation_id out of range (1 through ${2 ** 24 - 1})`],
    [{ network_type: 'gre', physical_network: 'vlan' }, 'provider:physical_network specified for gre network'],
    [{ network_type: 'flat' }, 'physical_network required for flat provider network'],
    [{ network_type: 'flat', physical_network: 'mars' }, "physical_network 'mars' unknown for flat provider network"],
    [
      { network_type: 'flat', physical_network: 'external', segmentation_id: 7 },
      'segmentation_id prohibited for flat provider network',
    ],
  ]
  for (const [attributes, what] of cases) await refuse(run, attributes, invalid(what))
}

/** Takes every VLAN of the range that is left, which are more than a project may have otherwise. */
async function exhausted(run: CaseRun): Promise<void> {
  const { projects } = await run.admin.identity.get<{ projects: { id: string }[] }>('/v3/projects', { name: 'admin' })
  const quota = `/v2.0/quotas/${projects[0]!.id}`
  await run.admin.network.put(quota, { quota: { network: -1 } })
  try {
    await takeAll(run)
  } finally {
    await run.admin.network.delete(quota)
  }
}

async function takeAll(run: CaseRun): Promise<void> {
  const vlan = body({ network_type: 'vlan', physical_network: 'vlan' })
  const taken = await run.admin.network.get<{ networks: Json[] }>('/v2.0/networks', { 'provider:network_type': 'vlan' })
  const inRange = taken.networks.filter((network) => {
    const id = Number(network['provider:segmentation_id'])
    return network['provider:physical_network'] === 'vlan' && id >= VLANS.first && id <= VLANS.last
  })
  const free = VLANS.last - VLANS.first + 1 - inRange.length
  await run.admin.network.post('/v2.0/networks', { networks: Array.from({ length: free }, () => vlan) })
  const none = {
    status: 503,
    type: 'NoNetworkAvailable',
    message: 'Unable to create the network. No tenant network is available for allocation.',
  }
  await refuse(run, { network_type: 'vlan', physical_network: 'vlan' }, none)
  await refuse(run, { network_type: 'vlan' }, none)
  expectSegment(await project(run, 'segment-gre'), 'gre', null, 2)
}
