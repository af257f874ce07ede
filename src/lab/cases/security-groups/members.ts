import { askAgent } from '../../agent-socket.js'
import { expect } from '../../proof/expect.js'
import { addRules, changePort, makeGroup } from '../../proof/groups.js'
import { bootAll, demoProject, type Instance, makeNetwork, makePort } from '../../proof/objects.js'
import { pingStream } from '../../proof/ping-stream.js'
import { expectAnswers, expectSilence, run as runAt } from '../../proof/places.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const MEMBERS = 500
const RULES = 200
const AGENT = 'neutron-openvswitch-agent'
/** Generous, for busy machines; what it took is in the report. */
const LONGEST_MS = 10_000

/** A group of many members, named by rules of a port on compute1; compute2 has members, and no rule that names them. */
export const securityGroupMembers: Case = {
  name: 'security-group-members',
  title:
    'members come and go by one change of a set on the hosts that care; 500 members and 200 rules take effect at once',
  async run(run) {
    const net = await makeNetwork(run, 'members', '192.168.0.0/22')
    const far = await makeNetwork(run, 'members-far', '10.20.0.0/22', { subnet: { enable_dhcp: false } })
    const [guarded, member, other] = (await bootAll(run, [
      { name: 'members-guarded', networkId: net.id, host: 'compute1' },
      { name: 'members-member', networkId: net.id, host: 'compute2' },
      { name: 'members-other', networkId: net.id, host: 'compute2' },
    ])) as [Instance, Instance, Instance]
    const project = await demoProject(run)
    const quota = { port: -1, security_group_rule: -1 }
    await run.admin.network.put(`/v2.0/quotas/${project}`, { quota })
    try {
      const members = await makeGroup(run, 'members')
      const plain = await makeGroup(run, 'plain')
      const web = await makeGroup(run, 'web', { rules: [{ remote_group_id: members }] })
      for (const { portId } of [member, other]) await changePort(run, portId, { security_groups: [plain] })
      await changePort(run, guarded.portId, { security_groups: [web] })
      // a rule that names an empty group is none: the first member brings it
      await makePort(run, far.id, { security_groups: [members] })
      await settled(run.admin)
      await manyMembers(run, far.id, members)
      await oneMore(run, { guarded, member, other, members, plain })
      await manyRules(run, { guarded, other, web })
    } finally {
      await run.admin.network.delete(`/v2.0/quotas/${project}`)
    }
  },
}

async function manyMembers(run: CaseRun, network_id: string, members: string): Promise<void> {
  await run.step(`${MEMBERS} ports join: one set on the host that names them, nothing anywhere else`, async () => {
    const before = await watch(run)
    const body = { network_id, security_groups: [members] }
    const ports = Array.from({ length: MEMBERS }, (_, i) => ({ ...body, name: `member-${i}` }))
    const started = performance.now()
    await run.demo.network.post('/v2.0/ports', { ports })
    const answered = performance.now()
    await settled(run.admin)
    run.measured(`API: ${MEMBERS} ports ms`, Math.round(answered - started))
    run.measured(`${MEMBERS} members in effect after ms`, Math.round(performance.now() - answered))
    const set = await memberSet(run, members)
    expect(set.length === MEMBERS + 1, `the set has ${set.length} members`)
    await expectWork(run, before, { compute1: true, compute2: false, network1: false })
  })
}

interface Scene {
  readonly guarded: Instance
  readonly member: Instance
  readonly other: Instance
  readonly members: string
  readonly plain: string
}

async function oneMore(run: CaseRun, { guarded, member, other, members, plain }: Scene): Promise<void> {
  const at = ({ id }: Instance) => ({ instance: id })
  await run.step('one more joins: no rule is written', async () => {
    await expectSilence(run, at(member), guarded.ip)
    const [before, rules] = [await watch(run), await counted(run)]
    await changePort(run, member.portId, { security_groups: [members] })
    await expectAnswers(run, at(member), guarded.ip)
    await expectSilence(run, at(other), guarded.ip)
    const set = await memberSet(run, members)
    expect(set.length === MEMBERS + 2, `the set has ${set.length} members`)
    // compute2 has its own port's rules to write; compute1 one line of one set
    await expectWork(run, before, { compute1: true, compute2: true, network1: false })
    expect((await counted(run)) >= rules, 'rules on compute1 were written anew: their counters began again')
  })
  await run.step('it leaves: no rule is written, and it is not let in', async () => {
    const rules = await counted(run)
    await changePort(run, member.portId, { security_groups: [plain] })
    await expectSilence(run, at(member), guarded.ip)
    expect((await memberSet(run, members)).length === MEMBERS + 1, 'it is still in the set')
    expect((await counted(run)) >= rules, 'rules on compute1 were written anew')
  })
}

async function manyRules(
  run: CaseRun,
  { guarded, other, web }: Pick<Scene, 'guarded' | 'other'> & { readonly web: string },
): Promise<void> {
  await run.step(`${RULES} rules on a port, beside ${MEMBERS} members`, async () => {
    const tcp = Array.from({ length: RULES - 1 }, (_, i) => ({
      protocol: 'tcp',
      port_range_min: 1000 + i,
      port_range_max: 1000 + i,
      remote_ip_prefix: `10.${i}.0.0/16`,
    }))
    const started = performance.now()
    const ids = addRules(run, web, [...tcp, { protocol: 'icmp' }])
    const stream = pingStream(run, { instance: other.id }, guarded.ip)
    await ids
    const answered = performance.now()
    const first = await stream
    const effective = performance.now()
    await settled(run.admin)
    run.measured(`API: ${RULES} rules ms`, Math.round(answered - started))
    run.measured(`${RULES} rules in effect after ms (first answered ping)`, Math.round(effective - answered))
    run.measured(`${RULES} rules applied after ms`, Math.round(performance.now() - answered))
    expect(effective - answered < LONGEST_MS, 'the rules took too long')
    await first.end()
    const chain = `neutron-openvswi-i${guarded.portId.slice(0, 10)}`
    const save = await runAt(run, { node: 'compute1' }, ['iptables-save', '-t', 'filter'])
    const rules = save.split('\n').filter((line) => line.startsWith(`-A ${chain} `) && line.endsWith('-j RETURN'))
    expect(rules.length >= RULES, `${chain} has ${rules.length} rules`)
  })
}

/** Passes and writes of each node's agent so far. */
async function watch(run: CaseRun): Promise<Map<string, { applies: number; writes: number }>> {
  const nodes = ['compute1', 'compute2', 'network1']
  const read = async (node: string) => [node, await askAgent(run.state, node, AGENT, 'GET', '/status')] as const
  return new Map(await Promise.all(nodes.map(read)))
}

/** compute1 wrote exactly once since `before`; the others did something, or were not even told. */
async function expectWork(
  run: CaseRun,
  before: ReadonlyMap<string, { applies: number; writes: number }>,
  told: Readonly<Record<string, boolean>>,
): Promise<void> {
  for (const [node, { applies, writes }] of await watch(run)) {
    const [passes, written] = [applies - before.get(node)!.applies, writes - before.get(node)!.writes]
    if (node === 'compute1') expect(written === 1, `compute1 wrote ${written} times, expected one change of a set`)
    if (!told[node]) expect(passes === 0 && written === 0, `${node} was told: ${passes} passes, ${written} writes`)
  }
}

async function memberSet(run: CaseRun, group: string): Promise<string[]> {
  const name = `NIPv4${group}`.slice(0, 29)
  const save = await runAt(run, { node: 'compute1' }, ['ipset', 'save', name])
  return save.split('\n').filter((line) => line.startsWith(`add ${name} `))
}

/** Packets that the rules of compute1 have seen: rules that are written anew begin at 0. */
async function counted(run: CaseRun): Promise<number> {
  const save = await runAt(run, { node: 'compute1' }, ['iptables-save', '-c', '-t', 'filter'])
  const rules = save.split('\n').filter((line) => line.includes('neutron-openvswi-i'))
  return rules.reduce((sum, line) => sum + Number(line.match(/^\[(\d+):/)?.[1] ?? 0), 0)
}
