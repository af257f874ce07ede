/** An error that a client is told about: Neutron's exception class name, the HTTP status and the message. */
export class Fault extends Error {
  readonly type: string
  readonly status: number

  constructor(type: string, status: number, message: string) {
    super(message)
    this.name = 'Fault'
    this.type = type
    this.status = status
  }
}
