/**
 * What the bus needs from the server's other parts, as interfaces, so that it can be tested without them:
 * the change log to read from, and a place for what agents report.
 */
import type { Change, CloudObject } from '../model/cloud.js'
import type {
  AppliedMessage,
  FloatingIpsMessage,
  HaStatesMessage,
  MeteringMessage,
  PortsMessage,
  StateMessage,
} from './contracts/messages.js'

export interface ChangeSource {
  /** every current object, and the revision they stand at (one consistent read) */
  load(): Promise<{ revision: number; objects: CloudObject[] }>
  /** changes after `revision`, without a gap; if the first is not the next one, those in between are kept no more */
  since(revision: number): Promise<Change[]>
  /** calls back after every commit that wrote changes (also of other servers); returns the unsubscribe function */
  onCommit(listener: () => void): () => void
}

export interface ReportSink {
  agentState(report: StateMessage): Promise<void>
  portsReady(host: string, message: PortsMessage): Promise<void>
  floatingIps(host: string, message: FloatingIpsMessage): Promise<void>
  metering(host: string, message: MeteringMessage): Promise<void>
  haStates(host: string, message: HaStatesMessage): Promise<void>
  applied(host: string, binary: string, message: AppliedMessage): Promise<void>
}
