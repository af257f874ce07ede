import { expect } from '../../proof/expect.js'
import { changePort, makeGroup } from '../../proof/groups.js'
import { bootAll, demoProject, type Instance, makeNetwork } from '../../proof/objects.js'
import { type LoggedLine, makeLog, PacketLogOf } from '../../proof/packet-log.js'
import { pings, probe, run as runAt, serve } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { expectNoWrites } from '../../proof/writes.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const AGENT = 'neutron-openvswitch-agent'
const LOGS = '/v2.0/log/logs'
/** Nobody is let in there. */
const CLOSED = '9'
/** As the agents limit themselves by default. */
const RATE = 100
const BURST = 25
const FLOOD = { rate: 2_000, count: 4_000 }

/** What logs say is what was sent: each session that is let in once, each packet that is dropped, and nothing else. */
export const securityGroupLogs: Case = {
  name: 'security-group-logs',
  title:
    'packets that groups let in or drop are logged for the right ports and logs, within a rate; none is lost by it',
  async run(run) {
    const { client, server, watched } = await run.step('two instances, the second in two groups', async () => {
      const net = await makeNetwork(run, 'logs', '192.168.1.0/24')
      const [client, server] = await bootAll(run, [
        { name: 'logs-client', networkId: net.id, host: 'compute1' },
        { name: 'logs-server', networkId: net.id, host: 'compute2' },
      ])
      const port = (number: number) => ({ protocol: 'tcp', port_range_min: number, port_range_max: number })
      const watched = await makeGroup(run, 'watched', { rules: [port(22), { protocol: 'icmp' }] })
      const other = await makeGroup(run, 'other', { rules: [port(80)] })
      await changePort(run, server!.portId, { security_groups: [watched, other] })
      return { client: client!, server: server!, watched }
    })
    const ends = await Promise.all(
      ['22', '80'].map((port) => serve(run, { instance: server.id }, 'whoami-server', port)),
    )
    try {
      await prove(run, client, server, watched)
    } finally {
      for (const end of ends) end()
    }
  },
}

async function prove(run: CaseRun, client: Instance, server: Instance, watched: string): Promise<void> {
  const project_id = await demoProject(run)
  const call = (port: string) => probe(run, { instance: client.id }, 'whoami', server.ip, port)
  const knock = (rate = 100, count = 3) =>
    probe(run, { instance: client.id }, 'datagrams', server.ip, CLOSED, String(rate), String(count))
  const isDrop = ({ action, portId }: LoggedLine) => action === 'DROP' && portId === server.portId
  const isAccept = ({ action, portId }: LoggedLine) => action === 'ACCEPT' && portId === server.portId
  const there = await PacketLogOf.open(run, server.host)
  const here = await PacketLogOf.open(run, client.host)
  /** the packets of this line are addressed from the client to the server */
  const expectBetween = ({ packet }: LoggedLine) => {
    for (const part of [`src='${client.ip}'`, `dst='${server.ip}'`, `src='${client.mac}'`, `dst='${server.mac}'`])
      expect(packet.includes(part), `no ${part} in: ${packet}`)
  }
  const log = await run.step('a session that a logged group lets in is one line', async () => {
    const id = await makeLog(run, { project_id, name: 'watched', resource_id: watched })
    await settled(run.admin)
    await call('22')
    const lines = await there.upTo('the session', isAccept)
    expect(lines.length === 1, `${lines.length} lines: ${JSON.stringify(lines)}`)
    const [line] = lines as [LoggedLine]
    expectBetween(line)
    expect(line.packet.includes('dst_port=22'), `no dst_port=22 in: ${line.packet}`)
    expect(line.projectId === project_id && line.logs.join() === id, `wrong owner: ${JSON.stringify(line)}`)
    return id
  })
  await run.step(
    'pings are one session; what another group lets in, and what is dropped elsewhere, is no line',
    async () => {
      // a second one before the first is answered would begin the session again
      const { received } = await pings(run, { instance: client.id }, server.ip, 4, '-i', '0.5')
      expect(received === 4, 'pings are lost')
      await call('80')
      await knock()
      const lines = await there.upTo('dropped datagrams', isDrop)
      const accepted = lines.filter(isAccept)
      expect(accepted.length === 1, `${accepted.length} lines for pings: ${JSON.stringify(accepted)}`)
      expect(accepted[0]!.packet.includes('icmp('), `not of pings: ${accepted[0]!.packet}`)
      for (const line of lines.filter(isDrop)) {
        expectBetween(line)
        expect(line.packet.includes(`dst_port=${CLOSED}`), `not of what was dropped: ${line.packet}`)
        expect(line.logs.join() === log, `wrong logs: ${line.logs}`)
      }
      expect((await here.fresh()).length === 0, `${client.host} logs without a log`)
    },
  )
  await run.step('a log of a port is about all groups of that port, at its host', async () => {
    const id = await makeLog(run, { project_id, target_id: client.portId, event: 'ACCEPT' })
    await settled(run.admin)
    await call('80')
    const lines = await here.upTo('the session', ({ portId }) => portId === client.portId)
    expect(lines.length === 1 && lines[0]!.logs.join() === id, `lines: ${JSON.stringify(lines)}`)
    expectBetween(lines[0]!)
    expect((await there.fresh()).filter(isAccept).length === 0, 'logged where it was not asked for')
    await run.admin.network.delete(`${LOGS}/${id}`)
  })
  await run.step('a flood is logged within the rate, and packets that are let in are not lost', async () => {
    await there.fresh()
    const started = performance.now()
    const [{ received }] = await Promise.all([
      pings(run, { instance: client.id }, server.ip, 20, '-i', '0.2'),
      knock(FLOOD.rate, FLOOD.count),
    ])
    await settled(run.admin)
    const seconds = (performance.now() - started) / 1000
    const lines = (await there.fresh()).filter(isDrop)
    run.measured('datagrams dropped', FLOOD.count)
    run.measured('of these logged', lines.length)
    expect(received === 20, `${received} of 20 pings were answered under the flood`)
    expect(lines.length >= RATE / 2, `only ${lines.length} lines`)
    expect(lines.length <= BURST + RATE * seconds, `${lines.length} lines in ${seconds} s`)
  })
  await run.step('an agent that starts anew writes nothing and goes on logging', async () => {
    await killDaemon(run.state, server.host, AGENT)
    try {
      await call('22')
    } finally {
      await startAgent(run.state, server.host, AGENT)
    }
    await expectNoWrites(run.state)
    await there.fresh()
    await call('22')
    await knock()
    const lines = await there.upTo('dropped datagrams', isDrop)
    expect(lines.filter(isAccept).length === 1, `lines: ${JSON.stringify(lines)}`)
  })
  await run.step('a log that is switched off leaves no rule and nobody who reads', async () => {
    await run.admin.network.put(`${LOGS}/${log}`, { log: { enabled: false } })
    await settled(run.admin)
    await there.fresh()
    await call('22')
    await knock()
    expect((await there.fresh()).length === 0, 'it goes on')
    await expectNoTrace(run, server.host)
    await run.admin.network.put(`${LOGS}/${log}`, { log: { enabled: true } })
    await settled(run.admin)
    await knock()
    await there.upTo('dropped datagrams', isDrop)
  })
}

async function expectNoTrace(run: CaseRun, node: string): Promise<void> {
  for (const save of ['iptables-save', 'ip6tables-save']) {
    const rules = await runAt(run, { node }, [save])
    expect(!rules.includes('NFLOG'), `${save} on ${node} still has rules that log`)
  }
  const readers = await runAt(run, { node }, ['pgrep', '-f', 'nflog:'], { okCodes: [0, 1] })
  expect(readers === '', `on ${node} somebody still reads: ${readers}`)
}
