import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../proof/until.js'
import { endProcess, type Folder, HERE, type Place, runAt, startAt } from './place.js'
import { userIds } from './user.js'

const PROGRAMS = '/usr/lib/rabbitmq/bin'
const LONGEST_START_MS = 90_000
/** a small machine's two cores are for others too: no scheduler waits by spinning */
const ERLANG = '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface'

export function rabbitmqIsInstalled(): boolean {
  return existsSync(join(PROGRAMS, 'rabbitmq-server'))
}

interface Ports {
  readonly amqp: number
  readonly tls: number
  /** between Erlang nodes, for rabbitmqctl */
  readonly distribution: number
  readonly epmd: number
}

/** Debian's RabbitMQ, a node of its own: with its own folder, ports, cookie and port mapper. */
export class DebianRabbitmq {
  readonly user = 'neutron'
  readonly password: string
  readonly port: number
  readonly #place: Place
  readonly #folder: Folder
  readonly #ports: Ports
  #mapper: ChildProcess | null = null
  #server: ChildProcess | null = null

  private constructor(place: Place, folder: Folder, ports: Ports, password: string) {
    this.#place = place
    this.#folder = folder
    this.#ports = ports
    this.port = ports.amqp
    this.password = password
  }

  /** Prepares a broker that does not run yet. */
  static async prepare(place: Place = HERE, password = randomBytes(12).toString('hex')): Promise<DebianRabbitmq> {
    const ports = {
      amqp: await place.port(5672),
      tls: await place.port(5671),
      distribution: await place.port(25672),
      epmd: await place.port(4369),
    }
    const folder = place.folder('rabbitmq')
    const broker = new DebianRabbitmq(place, folder, ports, password)
    const { uid, gid } = userIds('rabbitmq')
    chownSync(folder.outside, uid, gid)
    writeFileSync(join(folder.outside, 'rabbitmq.conf'), broker.#configuration())
    await broker.#makeCertificate()
    return broker
  }

  static async start(place: Place = HERE, password?: string): Promise<DebianRabbitmq> {
    const broker = await DebianRabbitmq.prepare(place, password)
    try {
      await broker.startServer()
    } catch (error) {
      await broker.close()
      throw error
    }
    return broker
  }

  /** `transport_url` of it. */
  url(host = this.#place.address, password = this.password): string {
    return `rabbit://${this.user}:${password}@${host}:${this.port}/`
  }

  /** The same with TLS; its certificate is checked against `ca`. */
  tlsUrl(ca: string): string {
    const { address } = this.#place
    return `rabbit://${this.user}:${this.password}@${address}:${this.#ports.tls}/?ssl=1&ssl_ca_file=${ca}`
  }

  /** of the broker, signed by itself */
  get certificate(): string {
    return join(this.#folder.outside, 'certificate.pem')
  }

  /** The same for clients that speak AMQP. */
  amqpUrl(): string {
    return this.url().replace(/^rabbit:/, 'amqp:')
  }

  async startServer(): Promise<void> {
    const { epmd } = this.#ports
    this.#mapper ??= startAt(
      this.#place,
      this.#as(['epmd', '-port', String(epmd), '-address', '127.0.0.1']),
      this.#folder,
      'epmd.log',
    )
    const before = existsSync(this.#log) ? statSync(this.#log).size : 0
    this.#server = startAt(this.#place, this.#as([join(PROGRAMS, 'rabbitmq-server')]), this.#folder, 'log')
    await this.#ready(before)
  }

  /** Ends every connection, as a restart does. */
  async stopServer(): Promise<void> {
    if (this.#server) await endProcess(this.#server)
    this.#server = null
  }

  async close(): Promise<void> {
    await this.stopServer()
    if (this.#mapper) await endProcess(this.#mapper)
    rmSync(this.#folder.outside, { recursive: true })
  }

  /** Runs rabbitmqctl; its standard output. */
  async control(...args: readonly string[]): Promise<string> {
    const argv = this.#as([join(PROGRAMS, 'rabbitmqctl'), '-q', ...args])
    return (await runAt(this.#place, argv, { timeout: 60_000 })).stdout
  }

  async #makeCertificate(): Promise<void> {
    const { inside } = this.#folder
    const files = ['-keyout', `${inside}/key.pem`, '-out', `${inside}/certificate.pem`]
    const name = ['-subj', '/CN=broker', '-addext', `subjectAltName=IP:${this.#place.address}`]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    await runAt(this.#place, this.#as(['openssl', 'req', '-x509', ...key, ...name, ...files]))
  }

  /** What was there of the log before this start is not looked at. */
  async #ready(before: number): Promise<void> {
    const started = async () => readFileSync(this.#log).subarray(before).includes('Server startup complete')
    await until('RabbitMQ to start', started, LONGEST_START_MS)
  }

  get #log(): string {
    return join(this.#folder.outside, 'log')
  }

  #as(command: readonly string[]): string[] {
    const environment = Object.entries(this.#environment()).map(([name, value]) => `${name}=${value}`)
    const user = ['setpriv', '--reuid=rabbitmq', '--regid=rabbitmq', '--init-groups']
    return ['env', '-i', '-C', '/', ...environment, ...user, ...command]
  }

  #environment(): Record<string, string> {
    const { inside } = this.#folder
    const { epmd, distribution } = this.#ports
    return {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      HOME: inside,
      ERL_EPMD_PORT: String(epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: 'eastwest@localhost',
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_CONFIG_FILE: `${inside}/rabbitmq.conf`,
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_MNESIA_BASE: `${inside}/mnesia`,
      RABBITMQ_LOG_BASE: `${inside}/logs`,
      RABBITMQ_LOGS: '-',
      RABBITMQ_ENABLED_PLUGINS_FILE: `${inside}/enabled_plugins`,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${ERLANG} {127,0,0,1}`,
      // the script is replaced by the server, whose pid is then the one we know
      RUNNING_UNDER_SYSTEMD: '1',
    }
  }

  /** With the permissions that docs/operating.md gives. (This version takes `read` for `write`, so both are the same.) */
  #configuration(): string {
    const { inside } = this.#folder
    return `listeners.tcp.1 = ${this.#place.address}:${this.#ports.amqp}
listeners.ssl.1 = ${this.#place.address}:${this.#ports.tls}
ssl_options.cacertfile = ${inside}/certificate.pem
ssl_options.certfile = ${inside}/certificate.pem
ssl_options.keyfile = ${inside}/key.pem
default_permissions.configure = ^(neutron.*|q-agents-plugin)$
default_permissions.write = ^(neutron.*|q-agents-plugin|amq[.]default)$
default_permissions.read = ^(neutron.*|q-agents-plugin|amq[.]default)$
default_user = ${this.user}
default_pass = ${this.password}
default_vhost = /
log.console = true
`
  }
}
