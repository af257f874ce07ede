import type { FaultType, StatusOf } from './fault-types.js'

/**
 * An error that a client is told about: Neutron's exception class name, the HTTP status and the message. A type that is
 * not in the catalogue (`fault-types.ts`), or has another status there, does not compile.
 */
export class Fault<Type extends FaultType = FaultType> extends Error {
  readonly type: Type
  readonly status: number

  constructor(type: Type, status: StatusOf<Type>, message: string) {
    super(message)
    this.name = 'Fault'
    this.type = type
    this.status = status
  }
}
