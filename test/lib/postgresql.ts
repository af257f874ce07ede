import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../src/dataplane/command/host.js'

const VERSIONS = '/usr/lib/postgresql'

/** Directory of the newest installed server's binaries; null when there is none. */
export function postgresqlBinaries(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : []
  return (
    versions.map((version) => join(VERSIONS, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null
  )
}

/** A PostgreSQL server of its own in a temporary directory, reachable by a Unix socket there and nowhere else. */
export class Cluster {
  readonly #bin: string
  readonly directory: string

  private constructor(bin: string, directory: string) {
    this.#bin = bin
    this.directory = directory
  }

  static async start(): Promise<Cluster> {
    const directory = mkdtempSync(join(tmpdir(), 'postgresql-test-'))
    const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
    chownSync(directory, id('-u'), id('-g'))
    chmodSync(directory, 0o755)
    const cluster = new Cluster(postgresqlBinaries()!, directory)
    await cluster.#asPostgres(
      'initdb',
      '-D',
      `${directory}/data`,
      '-A',
      'trust',
      '-U',
      'postgres',
      '--no-sync',
      '-E',
      'UTF8',
    )
    await cluster.startServer()
    return cluster
  }

  /** `postgresql://…` of a database on this server. */
  url(database = 'postgres'): string {
    return `postgresql+psycopg2://postgres@/${database}?host=${this.directory}`
  }

  async startServer(): Promise<void> {
    // durability is not what is tested, and disks differ
    const options = `-k ${this.directory} -c listen_addresses= -c fsync=off -c max_connections=200`
    await this.#asPostgres('pg_ctl', '-D', this.#data, '-l', `${this.directory}/log`, '-w', '-o', options, 'start')
  }

  /** Ends every connection at once, as a restart does. */
  async stopServer(): Promise<void> {
    await this.#asPostgres('pg_ctl', '-D', this.#data, '-w', '-m', 'fast', 'stop')
  }

  async close(): Promise<void> {
    await this.stopServer()
    rmSync(this.directory, { recursive: true })
  }

  get #data(): string {
    return `${this.directory}/data`
  }

  async #asPostgres(program: string, ...args: readonly string[]): Promise<void> {
    await runCommand(['runuser', '-u', 'postgres', '--', join(this.#bin, program), ...args])
  }
}
