import type { ObjectError } from '../../bus/contracts/messages.js'
import { PortsError } from '../../dataplane/ovsdb/connect.js'

/** Collects what one pass could not do. `faults` are failures of whole steps, to be tried again. */
export class Outcome {
  writes = 0
  readonly errors: ObjectError[] = []
  readonly faults: Error[] = []

  /** Runs a step; when it fails the pass goes on. True: it is done. */
  async step(work: () => Promise<number>): Promise<boolean> {
    try {
      // not `+= await`: steps run side by side, and that would add to an old sum
      const writes = await work()
      this.writes += writes
      return true
    } catch (error) {
      if (error instanceof PortsError) {
        this.writes++
        for (const [id, message] of Object.entries(error.failed)) this.errors.push({ kind: 'device', id, message })
        return true
      }
      this.faults.push(error as Error)
      return false
    }
  }
}
