import { chownSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Folder, HERE, type Place, runAt } from './place.js'
import { userIds } from './user.js'

const VERSIONS = '/usr/lib/postgresql'

/** Directory of the newest installed server's binaries; null when there is none. */
export function postgresqlBinaries(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : []
  return (
    versions.map((version) => join(VERSIONS, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null
  )
}

/** A PostgreSQL server with a folder of its own, reachable by a Unix socket there and nowhere else. */
export class Cluster {
  readonly #place: Place
  readonly #bin: string
  readonly #folder: Folder

  private constructor(place: Place, bin: string, folder: Folder) {
    this.#place = place
    this.#bin = bin
    this.#folder = folder
  }

  static async start(place: Place = HERE): Promise<Cluster> {
    const cluster = new Cluster(place, postgresqlBinaries()!, place.folder('postgresql'))
    const { uid, gid } = userIds('postgres')
    chownSync(cluster.#folder.outside, uid, gid)
    await cluster.#asPostgres('initdb', '-D', cluster.#data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8')
    await cluster.startServer()
    return cluster
  }

  /** `postgresql://…` of a database on this server. */
  url(database = 'postgres'): string {
    return socketUrl(this.#folder.inside, database)
  }

  async startServer(): Promise<void> {
    const { inside } = this.#folder
    // durability is not what is tested, and disks differ
    const options = `-k ${inside} -c listen_addresses= -c fsync=off -c max_connections=200`
    await this.#asPostgres('pg_ctl', '-D', this.#data, '-l', `${inside}/log`, '-w', '-o', options, 'start')
  }

  /** Ends every connection at once, as a restart does. */
  async stopServer(): Promise<void> {
    await this.#asPostgres('pg_ctl', '-D', this.#data, '-w', '-m', 'fast', 'stop')
  }

  async close(): Promise<void> {
    await this.stopServer()
    rmSync(this.#folder.outside, { recursive: true })
  }

  get #data(): string {
    return `${this.#folder.inside}/data`
  }

  async #asPostgres(program: string, ...args: readonly string[]): Promise<void> {
    const argv = ['runuser', '-u', 'postgres', '--', join(this.#bin, program), ...args]
    await runAt(this.#place, argv, { timeout: 90_000 })
  }
}

/** The URL of a database whose server has its Unix socket in this folder. */
export const socketUrl = (folder: string, database = 'postgres') =>
  `postgresql+psycopg2://postgres@/${database}?host=${folder}`
