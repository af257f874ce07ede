import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CommandResult, type RunOptions, runCommand } from '../dataplane/command/host.js'
import { FABRIC, nodeDir, nodeEtc, nodeVarLib, nodeVarLog, type ProcessMark, startTime } from './state.js'

const INIT = fileURLToPath(new URL('../../scripts/lab/node-init.sh', import.meta.url))

/** Files and folders of a node that are its own; everything else in /etc, /var/lib, /var/log is the machine's. */
const OWN_ETC = ['neutron', 'nova', 'keystone', 'hostname', 'hosts', 'resolv.conf', 'sysctl.conf', 'openvswitch']
const OWN_VAR_LIB = ['neutron', 'nova', 'keystone', 'openvswitch']

/** Prepares a node's view of the file system and starts its namespaces. Resolves when it can run commands. */
export async function startNode(lab: string, node: string): Promise<ProcessMark> {
  const dir = nodeDir(lab, node)
  shadow('/etc', nodeEtc(lab, node), '/run/host/etc', OWN_ETC)
  shadow('/var/lib', nodeVarLib(lab, node), '/run/host/var-lib', OWN_VAR_LIB)
  mkdirSync(nodeVarLog(lab, node), { recursive: true, mode: 0o700 })
  const args = [
    '--fork',
    '--kill-child',
    '--pid',
    '--mount-proc',
    '--net',
    '--mount',
    '--uts',
    '--ipc',
    '--',
    INIT,
    node,
    dir,
  ]
  const child = spawn('unshare', args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  await ready(child, node)
  child.unref()
  return initOf(child.pid!)
}

/** Starts the namespace that holds the wires. It needs no view of its own. */
export async function startFabric(lab: string): Promise<ProcessMark> {
  return startNode(lab, FABRIC)
}

/**
 * A folder that shows `original`: links to every entry through `through` (where the node binds the original), but
 * for the names in `own`, which the node has for itself.
 */
function shadow(original: string, target: string, through: string, own: readonly string[]): void {
  mkdirSync(target, { recursive: true, mode: 0o755 })
  for (const name of readdirSync(original)) {
    if (own.includes(name)) continue
    symlinkSync(join(through, name), join(target, name))
  }
}

function ready(child: ChildProcess, node: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = ''
    child.stderr!.on('data', (chunk) => {
      errors += String(chunk)
    })
    child.stdout!.once('data', () => {
      child.stdout!.destroy()
      child.stderr!.destroy()
      resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`node ${node} did not start: ${errors.trim()}`)))
  })
}

/** `unshare --fork` waits; its only child is process 1 of the node. */
function initOf(unsharePid: number): ProcessMark {
  const pid = Number(readFileSync(`/proc/${unsharePid}/task/${unsharePid}/children`, 'utf8').trim().split(' ')[0])
  return { pid, startTime: startTime(pid)! }
}

/** argv that runs a command inside a node. */
export function inNode(init: ProcessMark, argv: readonly string[]): string[] {
  return ['nsenter', '-t', String(init.pid), '-m', '-u', '-i', '-n', '-p', '--', ...argv]
}

export function runInNode(
  init: ProcessMark,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  return runCommand(inNode(init, argv), options)
}

/** Only the network namespace: for commands that name processes by the machine's pids (`ip link … netns PID`). */
export function runInNodeNet(
  init: ProcessMark,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  return runCommand(['nsenter', '-t', String(init.pid), '-n', '--', ...argv], options)
}
