import { spawn } from 'node:child_process'
import { labSession, whatIsMissing } from './alive.js'
import { needRoot, runningState } from './borrow.js'
import type { DatapathChoice } from './datapath.js'
import { down } from './down.js'
import { inInstance } from './instance.js'
import { inNode } from './node.js'
import { runScenario, summary } from './scenario/scenario.js'
import { labSpec, type ProjectType, portsFrom, type Services } from './spec.js'
import { FABRIC, type LabState, labNames, openrcPath } from './state.js'
import { up } from './up.js'

/** What the commands of `eastwest` do. Errors are thrown with a line for the user. */

export interface UpOptions {
  readonly name: string
  readonly computes: number
  readonly networks: number
  readonly racks: number
  readonly identityPort?: number
  readonly networkPort?: number
  readonly computePort?: number
  readonly portOffset: number
  readonly datapath?: DatapathChoice
  readonly services?: Services
  readonly projectTypes?: readonly ProjectType[]
}

const say = (text: string) => process.stdout.write(text)

function runningLab(name: string): LabState {
  const state = runningState(name)
  if (!state) {
    const others = labNames().filter((other) => other !== name)
    const hint = others.length > 0 ? `; known: ${others.join(', ')} (--name)` : ''
    throw new Error(`lab '${name}' is not up${hint}. Next: eastwest lab up${name === 'lab' ? '' : ` --name ${name}`}`)
  }
  return state
}

export async function labUp(options: UpOptions): Promise<void> {
  needRoot()
  const usual = portsFrom(options.portOffset)
  const ports = {
    identity: options.identityPort ?? usual.identity,
    network: options.networkPort ?? usual.network,
    compute: options.computePort ?? usual.compute,
  }
  const spec = labSpec(options.name, options.computes, ports, options)
  const { state, aliveMs } = await up(spec, (line) => say(`  ${line}\n`), options.datapath)
  say(`lab '${options.name}' is up: all agents alive after ${(aliveMs / 1000).toFixed(1)} s\n${nextSteps(state)}`)
}

function nextSteps(state: LabState): string {
  const { name } = state.spec
  const option = name === 'lab' ? '' : ` --name ${name}`
  return `
what to type next:
  source ${openrcPath(name, 'admin')}     # or demo-openrc
  npx neutron agent-list
  npx eastwest scenario${option}                 # the guide's walk-through
  npx eastwest node compute1${option} -- ip netns
  npx eastwest console demo-instance1${option}   # a shell in an instance
  npx eastwest lab down${option}
`
}

export async function labDown({ name }: { name: string }): Promise<void> {
  needRoot()
  const was = await down(name, (line) => say(`  ${line}\n`))
  say(was ? `lab '${name}' is down\n` : `lab '${name}' was not up\n`)
}

export async function labStatus({ name }: { name: string }): Promise<void> {
  needRoot()
  const state = runningLab(name)
  const session = labSession(state, 'admin')
  try {
    const missing = await whatIsMissing(state, session)
    const nodes = Object.keys(state.inits).filter((node) => node !== FABRIC)
    const { identity, network, compute } = state.spec.ports
    const { services } = state.spec
    say(`lab '${name}' is up: ${nodes.join(', ')} (datapath ${state.datapath}, ${services} services)\n`)
    say(`APIs on 127.0.0.1: identity ${identity}, network ${network}, compute ${compute}\n`)
    say(missing === '' ? 'all agents are alive\n' : `not alive: ${missing}\n`)
    if (missing !== '') process.exitCode = 1
  } finally {
    session.close()
  }
}

export async function nodeCommand(node: string, command: string[], { name }: { name: string }): Promise<void> {
  needRoot()
  const state = runningLab(name)
  const init = state.inits[node]
  if (!init)
    throw new Error(
      `no node '${node}': there are ${Object.keys(state.inits)
        .filter((one) => one !== FABRIC)
        .join(', ')}`,
    )
  await replaceBy(inNode(init, command.length > 0 ? command : ['bash']), `${node}`)
}

export async function consoleCommand(instance: string, command: string[], { name }: { name: string }): Promise<void> {
  needRoot()
  const state = runningLab(name)
  const session = labSession(state, 'admin')
  const argv = await inInstance(state, session, instance, command.length > 0 ? command : ['bash']).finally(() =>
    session.close(),
  )
  await replaceBy(argv, instance)
}

/** Runs argv with our terminal and ends as it ends. */
function replaceBy(argv: readonly string[], prompt: string): Promise<void> {
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, PS1: `${prompt}# `, LISTEN_FDS: '' } })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      process.exitCode = signal ? 1 : (code ?? 1)
      resolve()
    })
  })
}

export async function scenario({ name }: { name: string }): Promise<void> {
  needRoot()
  const state = runningLab(name)
  const report = await runScenario(state, say)
  say(`\n${summary(report, name, state.aliveMs)}`)
  if (!report.ok) process.exitCode = 1
}
