import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../../src/base/sqlite.js'
import { runCommand } from '../../src/dataplane/command/host.js'
import { until } from '../../src/lab/proof/until.js'

const MANAGE = '/usr/bin/keystone-manage'
const SERVE = '/usr/bin/keystone-wsgi-public'

export function keystoneIsInstalled(): boolean {
  return existsSync(MANAGE) && existsSync(SERVE)
}

/** A TCP port of 127.0.0.1 that nobody has. */
export function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** Debian's Keystone, with a database and keys of its own in a temporary directory; its user `admin` has the role `admin`. */
export class DebianKeystone {
  readonly url: string
  readonly password: string
  readonly #directory: string
  readonly #process: ChildProcess

  private constructor(url: string, password: string, directory: string, process: ChildProcess) {
    this.url = url
    this.password = password
    this.#directory = directory
    this.#process = process
  }

  static async start(): Promise<DebianKeystone> {
    const directory = mkdtempSync(join(tmpdir(), 'keystone-test-'))
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/v3`
    const password = 'bootstrap-secret'
    const config = join(directory, 'keystone.conf')
    for (const keys of ['fernet', 'credential']) mkdirSync(join(directory, keys), { mode: 0o700 })
    writeFileSync(config, configuration(directory))
    const manage = (...args: string[]) =>
      runCommand([MANAGE, '--config-file', config, ...args], { timeout: 180_000, env: { PYTHONWARNINGS: 'ignore' } })
    await Promise.all([
      manage('db_sync'),
      manage('fernet_setup', '--keystone-user', 'root', '--keystone-group', 'root'),
    ])
    // readers must not keep a writer waiting: Keystone would answer 500 ("database is locked")
    openSqlite(`sqlite:///${directory}/keystone.sqlite`).close()
    await manage('bootstrap', '--bootstrap-password', password, '--bootstrap-public-url', url)
    const server = spawn(SERVE, ['--host', '127.0.0.1', '--port', String(port)], {
      stdio: 'ignore',
      env: { ...process.env, OS_KEYSTONE_CONFIG_FILES: config, PYTHONWARNINGS: 'ignore' },
    })
    const keystone = new DebianKeystone(url, password, directory, server)
    await until('Keystone answers', async () => (await fetch(url).catch(() => null))?.status === 200, 60_000)
    return keystone
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done))
    this.#process.kill()
    await ended
    rmSync(this.#directory, { recursive: true })
  }
}

function configuration(directory: string): string {
  return `[database]
connection = sqlite:///${directory}/keystone.sqlite
[fernet_tokens]
key_repository = ${directory}/fernet
[credential]
key_repository = ${directory}/credential
[identity]
password_hash_rounds = 4
`
}
