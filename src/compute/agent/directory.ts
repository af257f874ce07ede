import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { DesiredInterface } from '../bus/messages.js'

const SCRIPTS = new URL('../../../scripts/instance/', import.meta.url)

/** One interface of an instance as it was made; `device` is its name inside. */
export interface RecordedInterface
  extends Pick<DesiredInterface, 'portId' | 'mac' | 'mtu' | 'hybrid' | 'bridge' | 'datapath'> {
  readonly device: string
}

/** Written before anything is made, so that a process that starts later knows what may be there. */
export interface InstanceRecord {
  readonly id: string
  readonly hostname: string
  readonly generation: number
  /** everything was in place once */
  readonly complete: boolean
  readonly interfaces: readonly RecordedInterface[]
}

/**
 * The directory of an instance, `<instances_path>/<id>/`:
 *   record.json   what was made       netns      its network namespace (bind mount, so it is not among `ip netns`)
 *   pid           pid of its init in the node's pid namespace; pid.start its start time (field 22 of /proc/PID/stat)
 *   control       FIFO of orders      lease.ethN address that DHCP gave          console.log  what it says
 *   lease6.ethN   address that DHCPv6 gave                                      resolv.ethN.4, .6  resolvers by family
 *   etc/          its own resolv.conf, hostname, hosts
 */
export class InstanceDirectory {
  readonly path: string

  constructor(instances: string, id: string) {
    this.path = join(instances, id)
  }

  file(name: string): string {
    return join(this.path, name)
  }

  /** Makes the directory and puts in the current scripts. */
  prepare(hostname: string, domain: string): void {
    mkdirSync(this.file('etc'), { recursive: true, mode: 0o755 })
    for (const script of ['init', 'udhcpc.script', 'dhclient6.script', 'dhclient6.conf']) {
      copyFileSync(new URL(script, SCRIPTS), this.file(script))
      chmodSync(this.file(script), 0o755)
    }
    writeFileSync(this.file('etc/hostname'), `${hostname}\n`)
    writeFileSync(
      this.file('etc/hosts'),
      `127.0.0.1 localhost\n127.0.1.1 ${hostname}.${domain} ${hostname}\n::1 localhost\n`,
    )
    if (!existsSync(this.file('etc/resolv.conf'))) writeFileSync(this.file('etc/resolv.conf'), '')
  }

  record(): InstanceRecord | null {
    const text = this.#read('record.json')
    return text === null ? null : (JSON.parse(text) as InstanceRecord)
  }

  /** Replaced in one step: a reader sees the old or the new one. */
  writeRecord(record: InstanceRecord): void {
    writeFileSync(this.file('record.json.new'), JSON.stringify(record))
    renameSync(this.file('record.json.new'), this.file('record.json'))
  }

  /** pid and start time of the init that was started last */
  init(): { pid: number; start: string } | null {
    const pid = Number(this.#read('pid'))
    const start = this.#read('pid.start')
    return pid > 0 && start ? { pid, start: start.trim() } : null
  }

  forgetInit(): void {
    for (const name of ['pid', 'pid.start']) rmSync(this.file(name), { force: true })
    for (const name of readdirSync(this.path))
      if (/^(lease6?|dhcp6?|ipv6|resolv)\./.test(name)) rmSync(this.file(name), { force: true })
  }

  lease(device: string): string | null {
    return this.#read(`lease.${device}`)?.trim() || null
  }

  console(lines: number | null): string {
    const text = this.#read('console.log') ?? ''
    return lines === null
      ? text
      : text
          .split('\n')
          .slice(-lines - 1)
          .join('\n')
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #read(name: string): string | null {
    try {
      return readFileSync(this.file(name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }
}

/** Ids of the instances that have a directory. */
export function recordedInstances(instances: string): string[] {
  try {
    return readdirSync(instances, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(entry.name))
      .map((entry) => entry.name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
