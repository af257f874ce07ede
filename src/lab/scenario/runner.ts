import { fileURLToPath } from 'node:url'
import type { Session } from '../../client/session.js'
import { CommandError } from '../../dataplane/command/command-error.js'
import { runCommand } from '../../dataplane/command/host.js'
import { labSession } from '../alive.js'
import { inInstance } from '../instance.js'
import { inNode } from '../node.js'
import { expect, Unexpected } from '../proof/expect.js'
import { userEnvironment } from '../session.js'
import { settled } from '../settled.js'
import type { LabState } from '../state.js'

export interface StepResult {
  readonly title: string
  readonly ok: boolean
  /** wall milliseconds, without the pings' own */
  readonly ms: number
  readonly pingMs: number
  readonly reason: string | null
}

export interface Step {
  /** section of the guide's walk-through */
  readonly section: string
  readonly title: string
  run(walk: Walk): Promise<void>
}

/** What steps work with: the guide's commands, typed by admin or demo, on a node or in an instance; each is printed with its output. */
export class Walk {
  readonly state: LabState
  readonly admin: Session
  /** ids and names that later steps need */
  readonly found: Record<string, string> = {}
  readonly #print: (text: string) => void
  pingMs = 0

  constructor(state: LabState, print: (text: string) => void) {
    this.state = state
    this.#print = print
    this.admin = labSession(state, 'admin')
  }

  close(): void {
    this.admin.close()
  }

  /** Runs one of our clients as a user of the cloud. */
  client(user: 'admin' | 'demo', program: 'neutron' | 'nova' | 'openstack', ...args: string[]): Promise<string> {
    const script = fileURLToPath(new URL(`../../cli/${program}.js`, import.meta.url))
    const where = `# as ${user}`
    return this.#run([process.execPath, script, ...args], [program, ...args], where, userEnvironment(this.state, user))
  }

  node(name: string, ...argv: string[]): Promise<string> {
    return this.#run(inNode(this.state.inits[name]!, argv), argv, `# on ${name}`)
  }

  async instance(name: string, ...argv: string[]): Promise<string> {
    return this.#run(await inInstance(this.state, this.admin, name, argv), argv, `# in ${name}`)
  }

  /** `ping -c 4`, expected to lose nothing. */
  async ping(from: { node: string } | { instance: string }, address: string): Promise<void> {
    const argv = ['ping', '-c', '4', address]
    const started = performance.now()
    const output = 'node' in from ? await this.node(from.node, ...argv) : await this.instance(from.instance, ...argv)
    this.pingMs += performance.now() - started
    expect(/ 4 received, 0% packet loss/.test(output), `not all of 4 pings to ${address} were answered`)
  }

  /** Until the data plane of all nodes is what the API says. */
  settled(): Promise<void> {
    return settled(this.admin)
  }

  /** Names of the network namespaces on a node, sorted. */
  async namespaces(node: string): Promise<string[]> {
    const output = await this.node(node, 'ip', 'netns')
    return output
      .split('\n')
      .map((line) => line.split(' ')[0]!)
      .filter((name) => name !== '')
      .sort()
  }

  async #run(argv: string[], shown: string[], where: string, env?: Record<string, string>): Promise<string> {
    this.#print(`$ ${shown.map(quoted).join(' ')}   ${where}\n`)
    try {
      const { stdout, stderr } = await runCommand(argv, { env, timeout: 60_000 })
      if (stdout + stderr !== '') this.#print(`${stdout}${stderr}\n`)
      return stdout
    } catch (error) {
      if (error instanceof CommandError)
        throw new Unexpected(`${shown.join(' ')} ${where} failed: ${error.stderr.trim()}`)
      throw error
    }
  }
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`
}

/** Runs steps in order; after a failure the rest is not tried, because it stands on what failed. */
export async function runSteps(
  steps: readonly Step[],
  walk: Walk,
  print: (text: string) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const step of steps) {
    const title = `${step.section} ${step.title}`
    print(`\n── ${title} ──\n\n`)
    const started = performance.now()
    walk.pingMs = 0
    let reason: string | null = null
    try {
      await step.run(walk)
    } catch (error) {
      reason = (error as Error).message
    }
    const ms = Math.round(performance.now() - started - walk.pingMs)
    results.push({ title, ok: reason === null, ms, pingMs: Math.round(walk.pingMs), reason })
    if (reason === null) print(`ok: ${title} (${ms} ms)\n`)
    else print(`FAILED: ${title}: ${reason}\n`)
    if (reason !== null) break
  }
  return results
}
