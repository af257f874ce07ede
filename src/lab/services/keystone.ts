import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { openSqlite } from '../../base/sqlite.js'
import { until } from '../proof/until.js'
import { endProcess, type Folder, HERE, type Place, runAt, startAt } from './place.js'

const MANAGE = '/usr/bin/keystone-manage'
const SERVE = '/usr/bin/keystone-wsgi-public'
const LONGEST_MS = 180_000

export function keystoneIsInstalled(): boolean {
  return existsSync(MANAGE) && existsSync(SERVE)
}

export interface KeystoneOptions {
  /** of the user `admin`, who has the role `admin` in the project `admin` */
  readonly password: string
  /** its endpoints, with /v3; the public one must lead to it from here */
  readonly endpoints: Readonly<Record<'public' | 'internal' | 'admin', string>>
}

/** Debian's Keystone, with a database and keys of its own. */
export class DebianKeystone {
  readonly url: string
  readonly password: string
  readonly #folder: Folder
  readonly #process: ChildProcess

  private constructor(folder: Folder, process: ChildProcess, { password, endpoints }: KeystoneOptions) {
    this.#folder = folder
    this.#process = process
    this.password = password
    this.url = endpoints.public
  }

  /** `given`: on a port that nobody has, with a password of its own, when left out. */
  static async start(place: Place = HERE, port?: number, given?: KeystoneOptions): Promise<DebianKeystone> {
    const listened = port ?? (await place.port(5000))
    const options = given ?? usual(place, listened)
    const folder = place.folder('keystone')
    await prepare(place, folder, options)
    const argv = [SERVE, '--host', place.address, '--port', String(listened)]
    const environment = [`OS_KEYSTONE_CONFIG_FILES=${folder.inside}/keystone.conf`, 'PYTHONWARNINGS=ignore']
    const server = startAt(place, ['env', ...environment, ...argv], folder, 'log')
    const keystone = new DebianKeystone(folder, server, options)
    await until('Keystone answers', () => answers(keystone.url), 60_000)
    return keystone
  }

  async stop(): Promise<void> {
    await endProcess(this.#process)
    rmSync(this.#folder.outside, { recursive: true })
  }
}

/** Not by fetch(), which does not speak to every port (6000 is one that it refuses). */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, (response) => resolve(response.resume().statusCode === 200))
    asked.on('error', () => resolve(false))
  })
}

function usual({ address }: Place, port: number): KeystoneOptions {
  const url = `http://${address}:${port}/v3`
  return { password: 'bootstrap-secret', endpoints: { public: url, internal: url, admin: url } }
}

async function prepare(place: Place, { outside, inside }: Folder, options: KeystoneOptions): Promise<void> {
  const { password, endpoints } = options
  for (const keys of ['fernet', 'credential']) mkdirSync(join(outside, keys), { mode: 0o700 })
  writeFileSync(join(outside, 'keystone.conf'), configuration(inside))
  const manage = (...args: string[]) =>
    runAt(place, [MANAGE, '--config-file', `${inside}/keystone.conf`, ...args], {
      timeout: LONGEST_MS,
      env: { PYTHONWARNINGS: 'ignore', OS_BOOTSTRAP_PASSWORD: password },
    })
  await Promise.all([manage('db_sync'), manage('fernet_setup', '--keystone-user', 'root', '--keystone-group', 'root')])
  // readers must not keep a writer waiting: Keystone would answer 500 ("database is locked")
  openSqlite(`sqlite:///${outside}/keystone.sqlite`).close()
  const urls = Object.entries(endpoints).flatMap(([name, url]) => [`--bootstrap-${name}-url`, url])
  await manage('bootstrap', ...urls, '--bootstrap-region-id', 'RegionOne')
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
