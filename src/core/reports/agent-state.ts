import { randomUUID } from 'node:crypto'
import type { StateMessage } from '../../bus/contracts/messages.js'
import { type AgentRecord, agentOfHost, agents, hosts } from '../../store/agents.js'
import { findPorts } from '../../store/ports.js'
import type { Transaction } from '../../store/transaction.js'
import { isAlive } from '../agent/alive.js'
import { ensureDvrMac } from '../agent/dvr-mac.js'
import type { Core } from '../core.js'
import { bindPort, isBound } from '../port/binding.js'
import { portChanged } from '../port/changed.js'
import { updateStatus } from '../port/status.js'
import type { RequestContext } from '../service.js'
import { systemContext } from '../system-context.js'

const OVS_AGENT = 'Open vSwitch agent'
const L3_AGENT = 'L3 agent'

/**
 * An agent's report. A mere heartbeat only moves its time; a first one, a revival or other configurations change
 * what the cloud knows of the host, which may bind ports and schedule networks and routers.
 */
export async function recordState(core: Core, report: StateMessage): Promise<void> {
  const ctx = systemContext(`${report.binary}@${report.host}`)
  await core.store.transaction(ctx, async (tx) => {
    const known = await agentOfHost(tx.db, report.agentType, report.host)
    const agent = await write(tx, report, known)
    const changed = JSON.stringify(known?.configurations) !== JSON.stringify(agent.configurations)
    const revived = known !== undefined && !isAlive(core, known, tx.date)
    if (!changed && !revived && !report.start) return
    await describeHost(core, tx, agent)
    if (agent.agentType === OVS_AGENT) await bindWaitingPorts(core, tx, ctx, agent.host)
    await core.hooks.run('host.reported', { tx, ctx, agent, isNew: known === undefined, revived })
  })
}

async function write(tx: Transaction, report: StateMessage, known: AgentRecord | undefined): Promise<AgentRecord> {
  const { agentType, binary, host, topic, availabilityZone, configurations } = report
  const reported = { binary, topic, availabilityZone, configurations, heartbeatAt: tx.date.toISOString() }
  if (known) {
    const patch = { ...reported, ...(report.start ? { startedAt: tx.now } : {}) }
    await agents.update(tx.db, { id: known.id }, patch)
    return { ...known, ...patch }
  }
  const agent: AgentRecord = {
    id: randomUUID(),
    agentType,
    host,
    ...reported,
    adminStateUp: true,
    description: null,
    createdAt: tx.now,
    startedAt: tx.now,
    resourcesSynced: null,
  }
  await agents.insert(tx.db, agent)
  return agent
}

/** The host of agents that take part in wiring or routing is an object of the cloud. */
async function describeHost(core: Core, tx: Transaction, agent: AgentRecord): Promise<void> {
  if (agent.agentType !== OVS_AGENT && agent.agentType !== L3_AGENT) return
  const { host } = agent
  if (!(await hosts.findOne(tx.db, { host }))) await hosts.insert(tx.db, { host, dvrMac: null })
  const distributed = agent.configurations.enable_distributed_routing === true
  if (agent.agentType === OVS_AGENT && distributed && core.config.DEFAULT.enable_dvr)
    await ensureDvrMac(core, tx.db, host)
  tx.touch('host', host)
}

/** Ports that were meant for the host before it could wire them. */
async function bindWaitingPorts(core: Core, tx: Transaction, ctx: RequestContext, host: string): Promise<void> {
  for (const port of await findPorts(tx.db, { hostId: host })) {
    if (isBound(port)) continue
    const binding = await bindPort(core, tx.db, port)
    if (binding.vifType === port.vifType) continue
    await portChanged(tx, port, binding)
    await updateStatus(core, tx, ctx, port.id)
    const bound = (await findPorts(tx.db, { id: port.id }))[0]!
    if (isBound(bound)) await core.hooks.run('port.bound', { tx, ctx, port: bound, host })
  }
}
