import { closeSync, existsSync, openSync, rmSync, statfsSync } from 'node:fs'
import type { CommandResult, Host, RunOptions } from '../../dataplane/command/host.js'

/** magic number of the filesystem that namespaces are files of (`NSFS_MAGIC`, linux/magic.h) */
const NSFS = 0x6e736673

/**
 * A network namespace held by a bind mount on a file of our own. It is not in /run/netns, where operators look for
 * routers only, and it outlives the instance's init: a stopped instance keeps its interfaces.
 */
export class InstanceNetns {
  readonly #host: Host
  readonly file: string

  constructor(host: Host, file: string) {
    this.#host = host
    this.file = file
  }

  exists(): boolean {
    return existsSync(this.file) && statfsSync(this.file).type === NSFS
  }

  async ensure(): Promise<void> {
    if (this.exists()) return
    closeSync(openSync(this.file, 'w'))
    await this.#host.run(['unshare', `--net=${this.file}`, '--', 'ip', 'link', 'set', 'lo', 'up'])
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return this.#host.run(['nsenter', `--net=${this.file}`, '--', ...argv], options)
  }

  async remove(): Promise<void> {
    if (this.exists()) await this.#host.run(['umount', this.file])
    rmSync(this.file, { force: true })
  }
}
