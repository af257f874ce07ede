import { type FSWatcher, watch } from 'node:fs'
import type { Logger } from '../../base/log.js'
import type { DesiredInstance, InstanceReport } from '../bus/messages.js'
import type { LocalInstance } from './instance.js'

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000
/** an instance whose first process ends sooner than this is not started again at once */
const SHORT_LIFE_MS = 5_000

/** Carries out what is desired of one instance, one step at a time, always towards the latest wish; reports what came of it. */
export class InstanceWorker {
  readonly #instance: LocalInstance
  readonly #report: (report: InstanceReport) => void
  readonly #log: Logger
  #desired: DesiredInstance | null = null
  #dirty = false
  #busy: Promise<void> | null = null
  #watcher: FSWatcher | null = null
  #retry: NodeJS.Timeout | null = null
  #failures = 0
  #startedAt = 0
  #stopped = false

  constructor(instance: LocalInstance, report: (report: InstanceReport) => void, log: Logger) {
    this.#instance = instance
    this.#report = report
    this.#log = log.child({ instance: instance.id })
  }

  get wanted(): boolean {
    return this.#desired !== null
  }

  /** null: remove it */
  set(desired: DesiredInstance | null): Promise<void> {
    this.#desired = desired
    return this.kick()
  }

  async kick(): Promise<void> {
    if (this.#stopped) return
    this.#dirty = true
    if (this.#retry) clearTimeout(this.#retry)
    this.#busy ??= this.#loop().finally(() => {
      this.#busy = null
    })
    await this.#busy
  }

  /** Looks for drift; nothing while a step is under way, which ends in a fresh look anyway. */
  audit(): void {
    if (this.#busy || this.#retry || !this.#desired) return
    if (this.#instance.drifted(this.#desired)) void this.kick()
  }

  console(lines: number | null): string {
    return this.#instance.directory.console(lines)
  }

  stop(): void {
    this.#stopped = true
    this.#watcher?.close()
    if (this.#retry) clearTimeout(this.#retry)
  }

  async #loop(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false
      const desired = this.#desired
      try {
        this.#report(desired ? await this.#bring(desired) : await this.#remove())
        this.#failures = 0
      } catch (error) {
        await this.#failed(error as Error, desired)
      }
    }
  }

  async #bring(desired: DesiredInstance): Promise<InstanceReport> {
    const report = await this.#instance.bring(desired, () => this.#exited())
    this.#watchLeases()
    if (report.state === 'running' && this.#startedAt === 0) this.#startedAt = Date.now()
    return report
  }

  async #remove(): Promise<InstanceReport> {
    this.#watcher?.close()
    this.#watcher = null
    await this.#instance.remove()
    return { id: this.#instance.id, state: 'absent', generation: 0, interfaces: [], fault: null }
  }

  /** A boot that fails leaves nothing behind; what has run before, or cannot be removed, is tried again. */
  async #failed(error: Error, desired: DesiredInstance | null): Promise<void> {
    this.#log.error({ err: error }, desired ? 'could not set up the instance' : 'could not remove the instance')
    if (desired && !this.#instance.wasComplete) {
      const failure = await this.#remove().catch((cleanup: Error) => {
        this.#log.error({ err: cleanup }, 'could not clean up')
        return { id: desired.id, interfaces: [] }
      })
      this.#desired = null
      this.#report({ ...failure, state: 'failed', generation: desired.generation, fault: error.message })
    } else {
      this.#retryLater()
    }
  }

  #retryLater(): void {
    if (this.#stopped) return
    const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, LONGEST_RETRY_MS)
    this.#retry = setTimeout(() => {
      this.#retry = null
      void this.kick()
    }, wait)
  }

  #exited(): void {
    const short = Date.now() - this.#startedAt < SHORT_LIFE_MS
    this.#startedAt = 0
    if (this.#desired?.power !== 'running' || this.#busy) return
    this.#log.warn('the instance ended by itself')
    if (short) this.#retryLater()
    else void this.kick()
  }

  #watchLeases(): void {
    if (this.#watcher) return
    this.#watcher = watch(this.#instance.directory.path, (_event, name) => {
      // written when DHCP has configured an interface, removed when it lost its lease
      if (name?.match(/^lease\.[^.]+$/) && this.#desired && !this.#busy)
        this.#report(this.#instance.report(this.#desired))
    })
    this.#watcher.on('error', () => {})
  }
}
