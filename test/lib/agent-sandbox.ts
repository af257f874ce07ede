import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runCommand } from '../../src/dataplane/command/host.js'

const canRun = process.getuid?.() === 0 && spawnSync('ovs-vswitchd', ['--version']).status === 0
const UNSHARE = ['--fork', '--pid', '--mount-proc', '--net', '--mount', '--uts', '--ipc', '--kill-child']

/**
 * Runs `tests` of the file `self` in a node of its own: fresh process, network and mount namespaces with an empty /run.
 * The outer process only starts the inner one and shows what it printed when it failed.
 */
export function inSandbox(name: string, self: string, tests: () => void): void {
  if (process.env.EASTWEST_SANDBOX === name) {
    tests()
    return
  }
  test(`${name} in a sandbox`, { skip: canRun ? false : 'needs root and Open vSwitch' }, async () => {
    const argv = [...UNSHARE, process.execPath, '--import', 'tsx', '--test', '--test-reporter=spec', self]
    const env = { ...process.env, EASTWEST_SANDBOX: name, NODE_TEST_CONTEXT: undefined }
    const child = spawn('unshare', argv, { stdio: ['ignore', 'pipe', 'pipe'], env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk
      })
    }
    const code = await new Promise((resolve) => child.on('close', resolve))
    if (process.env.SHOW) console.log(output)
    assert.equal(code, 0, output)
  })
}

export interface SandboxNode {
  /** for databases, logs and the agents' state */
  readonly directory: string
  readonly startVswitchd: () => Promise<void>
  readonly stopVswitchd: () => Promise<void>
  readonly close: () => void
}

export const run = async (...argv: string[]) => (await runCommand(argv)).stdout

/** Starts Open vSwitch with an integration bridge on the userspace datapath, plain or with segmentation offload. */
export async function startNode(segmentationOffload = false): Promise<SandboxNode> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-test-'))
  // dnsmasq reads its files as nobody
  chmodSync(directory, 0o755)
  const ovs = '/run/openvswitch'
  const daemon = (name: string) => ['--detach', '--no-chdir', `--log-file=${directory}/${name}.log`, '-vconsole:off']
  await run('mount', '--make-rprivate', '/')
  await run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
  await run('mkdir', '-p', '/run/netns', ovs)
  await run('ip', 'link', 'set', 'lo', 'up')
  await run('ovsdb-tool', 'create', `${directory}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema')
  await run(
    'ovsdb-server',
    `${directory}/conf.db`,
    `--remote=punix:${ovs}/db.sock`,
    `--pidfile=${ovs}/ovsdb-server.pid`,
    ...daemon('ovsdb'),
  )
  const startVswitchd = async () =>
    void (await run('ovs-vswitchd', `unix:${ovs}/db.sock`, `--pidfile=${ovs}/ovs-vswitchd.pid`, ...daemon('vswitchd')))
  const stopVswitchd = async () => void (await run('ovs-appctl', '-t', 'ovs-vswitchd', 'exit'))
  await run('ovs-vsctl', '--no-wait', 'init')
  if (segmentationOffload) {
    await run('ovs-vsctl', '--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:userspace-tso-enable=true')
  }
  await startVswitchd()
  await run('ovs-vsctl', 'add-br', 'br-int', '--', 'set', 'bridge', 'br-int', 'datapath_type=netdev')
  return { directory, startVswitchd, stopVswitchd, close: () => rmSync(directory, { recursive: true, force: true }) }
}

/** Plays the Open vSwitch agent: takes a port out of the dead VLAN into `tag`. */
export async function wire(port: string, tag: number): Promise<void> {
  await run('ovs-vsctl', 'set', 'port', port, `tag=${tag}`, '--', 'clear', 'port', port, 'vlan_mode', 'trunks')
}

/** A host on br-int: an internal port in a namespace of its own. */
export async function addGuest(name: string, tag: number, mac: string, ...setup: string[][]): Promise<void> {
  await run(
    'ovs-vsctl',
    'add-port',
    'br-int',
    `g-${name}`,
    `tag=${tag}`,
    '--',
    'set',
    'interface',
    `g-${name}`,
    'type=internal',
  )
  await run('ip', 'netns', 'add', name)
  await run('ip', 'link', 'set', `g-${name}`, 'netns', name)
  await run('ip', '-n', name, 'link', 'set', `g-${name}`, 'address', mac, 'up')
  for (const command of setup) await run('ip', '-n', name, ...command)
}

/** Waits until `holds`, at most twenty seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    if (await holds()) return
    await delay(10)
  }
  assert.fail(`not in time: ${what}`)
}
