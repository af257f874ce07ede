import { mkdirSync, rmSync } from 'node:fs'
import type { ProgramHost, RunningCommand } from '../command/host.js'
import { endDaemon, findDaemon } from '../netns/daemon-process.js'
import { replaceTextFile } from '../netns/text-file.js'
import { type LoggedPacket, LogRecords } from './records.js'

interface Listener {
  packet(packet: LoggedPacket): void
  /** the reader ended by itself: packets are not read until `ensure` */
  lost(reason: string): void
}

/**
 * Reads an NFLOG group of the host's own network namespace, by tcpdump, which knows the kernel's protocol for it. What
 * nobody reads is lost to the log and to nothing else: rules go on to the next rule.
 */
export class LogReader {
  readonly #host: ProgramHost
  readonly #group: number
  readonly #listener: Listener
  readonly #pidFile: string
  #running: RunningCommand | null = null

  constructor(host: ProgramHost, group: number, listener: Listener) {
    this.#host = host
    this.#group = group
    this.#listener = listener
    this.#pidFile = `${host.paths.state}/log/nflog-${group}.pid`
  }

  /** Reads from now on, or not any more. Resolves when packets are read; rejects with what tcpdump says when they cannot be. */
  async ensure(wanted: boolean): Promise<void> {
    if (wanted === (this.#running !== null)) return
    if (wanted) await this.#start()
    else await this.stop()
  }

  async stop(): Promise<void> {
    const running = this.#running
    this.#running = null
    running?.end()
    await running?.ended
    rmSync(this.#pidFile, { force: true })
  }

  async #start(): Promise<void> {
    await this.#endFormer()
    const records = new LogRecords()
    // the whole packet, as rules cut it: libpcap takes room for one message by this length, and messages come in groups
    const argv = ['tcpdump', '-i', this.#interface, '-U', '-s', '65535', '-w', '-']
    const running = this.#host.start(argv)
    running.stdout.on('data', (chunk: Buffer) => {
      try {
        for (const packet of records.push(chunk)) this.#listener.packet(packet)
      } catch (error) {
        this.#listener.lost((error as Error).message)
        running.end()
      }
    })
    await started(running)
    mkdirSync(`${this.#host.paths.state}/log`, { recursive: true, mode: 0o755 })
    replaceTextFile(this.#pidFile, `${running.pid}\n`)
    this.#running = running
    void running.ended.then((reason) => {
      if (this.#running !== running) return
      this.#running = null
      this.#listener.lost(reason)
    })
  }

  /** One process reads a group. That of an agent that was killed ends when it has something to write, or now. */
  async #endFormer(): Promise<void> {
    const former = findDaemon(this.#pidFile, (argv) => argv[0] === 'tcpdump' && argv.includes(this.#interface))
    if (former) await endDaemon(former.pid)
  }

  get #interface(): string {
    return `nflog:${this.#group}`
  }
}

/** tcpdump says on its error output that it listens, or why not. */
async function started({ stderr, ended }: RunningCommand): Promise<void> {
  let said = ''
  const listening = new Promise<null>((resolve) => {
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('listening on')) resolve(null)
    })
  })
  const failure = await Promise.race([listening, ended])
  if (failure !== null) throw new Error(`packets cannot be read: ${said.trim() || failure}`)
}
