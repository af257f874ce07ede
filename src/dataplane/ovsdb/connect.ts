import { EventEmitter } from 'node:events'
import type { Logger } from '../../base/log.js'
import { planBridges, planDeleteBridges } from './plan-bridges.js'
import { planDeletePorts, planPortChanges, planPorts } from './plan-ports.js'
import { planForgottenQos } from './plan-qos.js'
import { OvsdbSession, TransactionError } from './session.js'
import type { BridgeSpec, OvsBridge, OvsInterface, OvsPort, PortChange, PortSpec, Vswitch } from './types.js'
import { type Operation, uuid } from './values.js'

/** How long vswitchd may take to put a written configuration into effect. */
const EFFECT_TIMEOUT_MS = 10_000

/** Ports that vswitchd could not open, with its reasons. All other ports of the call are in place. */
export class PortsError extends Error {
  readonly failed: Readonly<Record<string, string>>
  constructor(failed: Readonly<Record<string, string>>) {
    super(
      Object.entries(failed)
        .map(([name, reason]) => `${name}: ${reason}`)
        .join('; '),
    )
    this.name = 'PortsError'
    this.failed = failed
  }
}

type VswitchEvents = { change: []; disconnected: []; connected: [] }

/**
 * Connects to a host's ovsdb-server (usually `/run/openvswitch/db.sock`). Resolves with the first complete copy;
 * waits as long as there is no server. Afterwards the connection is re-made whenever it is lost.
 */
export async function connectVswitch(socketPath: string, log: Logger): Promise<Vswitch> {
  const session = new OvsdbSession(socketPath, log)
  const connected = new Promise<void>((resolve) => session.once('connected', resolve))
  session.start()
  await connected
  return new OvsVswitch(session)
}

class OvsVswitch extends EventEmitter<VswitchEvents> implements Vswitch {
  readonly #session: OvsdbSession

  constructor(session: OvsdbSession) {
    super()
    this.#session = session
    session.on('change', () => this.emit('change'))
    session.on('connected', () => this.emit('connected'))
    session.on('disconnected', () => this.emit('disconnected'))
  }

  get connected(): boolean {
    return this.#session.connected
  }

  bridge(name: string): OvsBridge | undefined {
    return this.#session.replica.bridge(name)
  }

  bridges(): OvsBridge[] {
    return this.#session.replica.bridges()
  }

  port(name: string): OvsPort | undefined {
    return this.#session.replica.port(name)
  }

  ports(bridge?: string): OvsPort[] {
    const all = this.#session.replica.ports()
    return bridge === undefined ? all : all.filter((port) => port.bridge === bridge)
  }

  interface(name: string): OvsInterface | undefined {
    return this.#session.replica.interface(name)
  }

  interfaces(): OvsInterface[] {
    return this.#session.replica.interfaces()
  }

  async ensureBridges(specs: readonly BridgeSpec[]): Promise<number> {
    return this.#write(() => planBridges(this.#session.replica, specs))
  }

  async deleteBridges(names: readonly string[]): Promise<number> {
    return this.#write(() => planDeleteBridges(this.#session.replica, names))
  }

  async ensurePorts(specs: readonly PortSpec[]): Promise<number> {
    const homeless = specs.filter(({ bridge }) => !this.bridge(bridge))
    const writes = await this.#write(() => planPorts(this.#session.replica, specs))
    await this.#until(
      () => specs.every(({ name }) => this.interface(name)?.ofport !== null),
      () => 'vswitchd did not open all ports',
    )
    const failed = Object.fromEntries([
      ...homeless.map(({ name, bridge }) => [name, `bridge ${bridge} does not exist`] as const),
      ...specs.filter((spec) => !homeless.includes(spec)).flatMap((spec) => this.#faultOf(spec.name)),
    ])
    if (Object.keys(failed).length > 0) throw new PortsError(failed)
    return writes
  }

  async changePorts(changes: Readonly<Record<string, PortChange>>): Promise<number> {
    return this.#write(() => planPortChanges(this.#session.replica, changes))
  }

  async deletePorts(names: readonly string[]): Promise<number> {
    return this.#write(() => planDeletePorts(this.#session.replica, names))
  }

  async forgetRates(): Promise<number> {
    return this.#write(() => planForgottenQos(this.#session.replica))
  }

  close(): void {
    this.#session.stop()
  }

  #faultOf(name: string): (readonly [string, string])[] {
    const found = this.interface(name)
    if (found?.ofport !== null && found?.ofport !== undefined && found.ofport > 0) return []
    return [[name, found?.error ?? 'vswitchd has not opened it']]
  }

  /**
   * Sends what `plan` finds to do and waits until vswitchd has done it. Two programs that create the same row at
   * the same time collide on its name: the loser plans again with the winner's row in sight.
   */
  async #write(plan: () => Operation[], retries = 2): Promise<number> {
    const operations = plan()
    if (operations.length === 0) return 0
    const root = this.#session.replica.root()
    const where = [['_uuid', '==', uuid(root?.id ?? '')]]
    try {
      const results = await this.#session.transact([
        ...operations,
        { op: 'mutate', table: 'Open_vSwitch', where, mutations: [['next_cfg', '+=', 1]] },
        { op: 'select', table: 'Open_vSwitch', where, columns: ['next_cfg'] },
      ])
      await this.#inEffect(Number(results.at(-1)?.rows?.[0]?.next_cfg))
      return 1
    } catch (error) {
      if (error instanceof TransactionError && error.code === 'constraint violation' && retries > 0) {
        return this.#write(plan, retries - 1)
      }
      throw error
    }
  }

  /** Resolves when vswitchd reports the configuration `number` (or a later one) as its current one. */
  #inEffect(number: number): Promise<void> {
    return this.#until(
      () => this.#session.replica.currentConfig() >= number,
      () => `vswitchd did not take over configuration ${number}`,
    )
  }

  /** Resolves when `condition` holds in the replica; rejects when the connection is lost or it takes too long. */
  #until(condition: () => boolean, complaint: () => string): Promise<void> {
    const session = this.#session
    if (condition()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer)
        session.off('update', check)
        if (error) reject(error)
        else resolve()
      }
      const check = () => {
        if (!session.connected) finish(new Error('lost the connection to ovsdb-server'))
        else if (condition()) finish()
      }
      const timer = setTimeout(() => finish(new Error(`${complaint()} in ${EFFECT_TIMEOUT_MS} ms`)), EFFECT_TIMEOUT_MS)
      session.on('update', check)
    })
  }
}
