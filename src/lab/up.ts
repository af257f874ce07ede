import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { configureAddresses, startOutsideDns } from './addresses.js'
import { waitUntilAlive } from './alive.js'
import { closeHandovers, openApiSockets, startDaemon } from './daemons.js'
import { chooseDatapath, type DatapathChoice, defaultChoice, type LabDatapath } from './datapath.js'
import { down } from './down.js'
import { writeFiles } from './files.js'
import { startFabric, startNode } from './node.js'
import { startOpenVswitch, startVlans } from './open-vswitch.js'
import { needDebianServices, startDebianServices } from './services/debian.js'
import { daemonsOf, type LabSpec } from './spec.js'
import {
  FABRIC,
  isRunning,
  type LabState,
  labDir,
  makeLabDir,
  type ProcessMark,
  readState,
  type Secrets,
  writeState,
} from './state.js'
import { layWires } from './wires.js'

/** Called at the start of each step of a long action, with a line for the user. */
export type Progress = (line: string) => void

export interface UpResult {
  readonly state: LabState
  /** milliseconds from the call to "all agents alive" */
  readonly aliveMs: number
}

/** Brings a lab up, or removes everything of the attempt and throws. */
export async function up(
  spec: LabSpec,
  progress: Progress,
  choice: DatapathChoice = defaultChoice(),
): Promise<UpResult> {
  const started = performance.now()
  const former = readState(spec.name)
  if (former && Object.values(former.inits).some(isRunning)) {
    throw new Error(
      `lab '${spec.name}' is up already: 'eastwest lab down${spec.name === 'lab' ? '' : ` --name ${spec.name}`}' ends it`,
    )
  }
  if (existsSync(labDir(spec.name))) await down(spec.name, () => {})
  if (spec.services === 'debian') needDebianServices()
  const handovers = await openApiSockets(spec)
  try {
    const state = await build(spec, await chooseDatapath(choice), progress, handovers)
    closeHandovers(handovers)
    progress('waiting for the agents')
    await waitUntilAlive(state)
    const aliveMs = Math.round(performance.now() - started)
    writeState({ ...state, aliveMs })
    return { state, aliveMs }
  } catch (error) {
    closeHandovers(handovers)
    if (process.env.EASTWEST_KEEP_FAILED_LAB === undefined) await down(spec.name, () => {})
    throw error
  }
}

async function build(
  spec: LabSpec,
  datapath: LabDatapath,
  progress: Progress,
  handovers: Awaited<ReturnType<typeof openApiSockets>>,
): Promise<LabState> {
  makeLabDir(spec.name)
  progress(`nodes: ${spec.nodes.map(({ name }) => name).join(', ')} (datapath ${datapath})`)
  const inits: Record<string, ProcessMark> = {}
  const state: LabState = { spec, datapath, inits, secrets: makeSecrets(), aliveMs: null }
  await Promise.all([
    startFabric(spec.name).then((mark) => {
      inits[FABRIC] = mark
    }),
    ...spec.nodes.map(async (node) => {
      inits[node.name] = await startNode(spec.name, node.name)
    }),
  ])
  // from here on `down` finds everything
  writeState(state)
  writeFiles(state)
  progress('wires, Open vSwitch, addresses')
  await layWires(spec, inits[FABRIC]!, inits, datapath)
  await Promise.all(
    spec.nodes.map(async (node) => {
      const init = inits[node.name]!
      if (node.role === 'network' || node.role === 'compute') await startOpenVswitch(node, init, datapath)
      else await startVlans(node, init, datapath)
      await configureAddresses(node, init, datapath)
      if (node.role === 'outside') await startOutsideDns(init)
    }),
  )
  if (spec.services === 'debian') {
    progress('PostgreSQL, RabbitMQ, Keystone')
    await startDebianServices(state, handovers.get('keystone')!)
  }
  progress('services and agents')
  for (const node of spec.nodes) {
    for (const daemon of daemonsOf(node, spec.services))
      startDaemon(spec.name, node, inits[node.name]!, daemon, handovers.get(daemon))
  }
  return state
}

function makeSecrets(): Secrets {
  const secret = () => randomBytes(12).toString('hex')
  return {
    adminPassword: secret(),
    demoPassword: secret(),
    servicePassword: secret(),
    busSecret: secret(),
    metadataSecret: secret(),
  }
}
