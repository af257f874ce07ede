import { rmSync } from 'node:fs'
import { readTextFile, replaceTextFile } from '../../dataplane/netns/text-file.js'
import { type MeterState, NO_METER_STATE } from './meters.js'

/** Keeps counts and readings over a restart: the kernel goes on counting meanwhile. There is no file while nothing is counted. */
export class MeterFile {
  readonly #path: string

  constructor(statePath: string) {
    this.#path = `${statePath}/metering-counters.json`
  }

  load(): MeterState {
    const text = readTextFile(this.#path)
    try {
      return text === null ? NO_METER_STATE : (JSON.parse(text) as MeterState)
    } catch {
      // a disk that was full, an editor: counting begins anew
      return NO_METER_STATE
    }
  }

  save(state: MeterState): void {
    if (state.meters.length === 0 && state.readings.length === 0) rmSync(this.#path, { force: true })
    else replaceTextFile(this.#path, JSON.stringify(state))
  }
}
