import type { Logger } from '../../base/log.js'
import type { MeteringMessage, MeterSample } from '../../bus/contracts/messages.js'

export interface HostMeter extends MeterSample {
  readonly host: string
}

/** What metering labels count: each report is a line of the log per label, as Neutron's notification `l3.meter` has it. */
export class Meters {
  readonly #log: Logger
  readonly #byHost = new Map<string, readonly HostMeter[]>()

  constructor(log: Logger) {
    this.#log = log
  }

  record(host: string, { samples }: MeteringMessage): void {
    const meters = samples.map((sample) => ({ ...sample, host }))
    for (const meter of meters) this.#log.info({ event_type: 'l3.meter', ...meter }, 'l3.meter')
    if (meters.length > 0) this.#byHost.set(host, meters)
    else this.#byHost.delete(host)
  }

  all(): readonly HostMeter[] {
    return [...this.#byHost.values()].flat()
  }
}
