import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabDatapath } from './datapath.js'
import type { LabSpec } from './spec.js'

/** A process that a lab started: pid and start time (clock ticks since boot), so that a reused pid is never taken for it. */
export interface ProcessMark {
  readonly pid: number
  readonly startTime: string
}

export interface LabState {
  readonly spec: LabSpec
  readonly datapath: LabDatapath
  /** init process of each node, seen from outside; and of the fabric that holds the wires */
  readonly inits: Readonly<Record<string, ProcessMark>>
  readonly secrets: Secrets
  /** how long `lab up` took until all agents were alive; null while it is not */
  readonly aliveMs: number | null
}

export interface Secrets {
  readonly adminPassword: string
  readonly demoPassword: string
  readonly servicePassword: string
  readonly busSecret: string
  readonly metadataSecret: string
}

const ROOT = process.env.EASTWEST_LAB_ROOT ?? '/var/lib/eastwest/lab'
/** The namespace that holds the wires between the nodes. */
export const FABRIC = 'fabric'

export function labDir(name: string): string {
  return join(ROOT, name)
}

export function nodeDir(lab: string, node: string): string {
  return join(labDir(lab), 'nodes', node)
}

/** What `node-init.sh` mounts over /etc, /var/lib and /var/log of a node. */
export const nodeEtc = (lab: string, node: string) => join(nodeDir(lab, node), 'etc')
export const nodeVarLib = (lab: string, node: string) => join(nodeDir(lab, node), 'var-lib')
export const nodeVarLog = (lab: string, node: string) => join(nodeDir(lab, node), 'var-log')
export const openrcPath = (lab: string, user: 'admin' | 'demo') => join(labDir(lab), `${user}-openrc`)

export function writeState(state: LabState): void {
  const path = join(labDir(state.spec.name), 'lab.json')
  writeFileSync(`${path}.new`, JSON.stringify(state, null, 2), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function readState(name: string): LabState | null {
  const path = join(labDir(name), 'lab.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LabState) : null
}

export function labNames(): string[] {
  return existsSync(ROOT) ? readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'lab.json'))) : []
}

export function makeLabDir(name: string): void {
  mkdirSync(labDir(name), { recursive: true, mode: 0o700 })
}

/** Removes the lab's directory, and the parents that only labs use when they are empty. */
export function removeLabDir(name: string): void {
  rmSync(labDir(name), { recursive: true, force: true })
  for (const dir of [ROOT, '/var/lib/eastwest']) {
    if (existsSync(dir) && readdirSync(dir).length === 0) rmSync(dir, { recursive: true })
  }
}

/** Field 22 of /proc/PID/stat; null when there is no such process. */
export function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

export function isRunning(mark: ProcessMark): boolean {
  return startTime(mark.pid) === mark.startTime
}
