import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'

const PATIENCE_MS = 15_000
// below those that the kernel gives to whoever asks for any
const IDENTITY_PORT = 25_000
const NETWORK_PORT = 29_696
const BUS_PORT = 29_690
const PASSWORD = 'bench'
const MS_PER_TICK = 10

/** Identity and network service, as processes of their own on loopback ports, with an empty database. */
export interface Server {
  readonly port: number
  readonly token: string
  /** from the start of the network service to its first answer */
  readonly startMs: number
  residentMib(): number
  /** processor time of the network service so far, of all its threads */
  cpuMs(): number
  close(): Promise<void>
}

/** `database`: the network service's `[database] connection`; null: SQLite in a temporary directory. */
export async function startServer(database: string | null): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'eastwest-bench-'))
  const children: ChildProcess[] = []
  const close = async () => {
    await Promise.all(children.map(end))
    rmSync(directory, { recursive: true })
  }
  try {
    writeFiles(directory, database ?? `sqlite:///${directory}/neutron.sqlite`)
    children.push(start('keystone', directory))
    await answers(`http://127.0.0.1:${IDENTITY_PORT}/v3`)
    const started = performance.now()
    const neutron = start('neutron-server', directory)
    children.push(neutron)
    await answers(`http://127.0.0.1:${NETWORK_PORT}/`)
    const startMs = Math.round(performance.now() - started)
    const token = await signIn()
    return {
      port: NETWORK_PORT,
      token,
      startMs,
      residentMib: () => residentMib(neutron.pid!),
      cpuMs: () => cpuMs(neutron.pid!),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function writeFiles(directory: string, connection: string): void {
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 })
  file(
    'neutron-server.conf',
    `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${NETWORK_PORT}
router_distributed = True
service_plugins = router
transport_url = stream://neutron:bench@127.0.0.1:${BUS_PORT}/
notify_nova_on_port_status_changes = False
notify_nova_on_port_data_changes = False

[database]
connection = ${connection}

[keystone_authtoken]
auth_url = http://127.0.0.1:${IDENTITY_PORT}
username = neutron
password = ${PASSWORD}
project_name = service

[quotas]
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_router = -1
quota_floatingip = -1

[ml2]
tenant_network_types = vxlan

[ml2_type_vxlan]
vni_ranges = 1:100000
`,
  )
  file(
    'keystone.conf',
    `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${IDENTITY_PORT}
public_endpoint = http://127.0.0.1:${IDENTITY_PORT}

[database]
connection = sqlite:///${directory}/keystone.sqlite
`,
  )
  const users = ['admin', 'neutron'].map((name) => ({ name, password: PASSWORD }))
  const assignments = [
    { user: 'admin', project: 'admin', role: 'admin' },
    { user: 'neutron', project: 'service', role: 'admin' },
    { user: 'neutron', project: 'service', role: 'service' },
  ]
  const projects = [{ name: 'admin' }, { name: 'service' }]
  file(
    'seed.json',
    JSON.stringify({
      region: 'RegionOne',
      projects,
      roles: ['admin', 'member', 'reader', 'service'],
      users,
      assignments,
      services: [],
    }),
  )
}

function start(program: string, directory: string): ChildProcess {
  const script = resolve(import.meta.dirname, `../../dist/processes/${program}.js`)
  const seed = program === 'keystone' ? ['--seed', join(directory, 'seed.json')] : []
  // BENCH_PROFILE=DIRECTORY: the network service writes its processor profile there when it ends
  const profiled = program === 'neutron-server' ? process.env.BENCH_PROFILE : undefined
  const profile = profiled ? ['--cpu-prof', `--cpu-prof-dir=${profiled}`] : []
  const child = spawn(
    process.execPath,
    [...profile, script, '--config-file', join(directory, `${program}.conf`), ...seed],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr!.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-4000)
  })
  child.once('exit', (code) => {
    if (code) process.stderr.write(`${program} ended with ${code}: ${said}\n`)
  })
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const reply = await fetch(url).catch(() => null)
    if (reply) return
    await new Promise((done) => setTimeout(done, 5))
  }
  throw new Error(`${url} does not answer`)
}

async function signIn(): Promise<string> {
  const domain = { id: 'default' }
  const identity = { methods: ['password'], password: { user: { name: 'admin', password: PASSWORD, domain } } }
  const reply = await fetch(`http://127.0.0.1:${IDENTITY_PORT}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: 'admin', domain } } } }),
  })
  const token = reply.headers.get('x-subject-token')
  if (!token) throw new Error(`no token: ${reply.status} ${await reply.text()}`)
  return token
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

function residentMib(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]
  return Math.round(Number(kib) / 1024)
}
