/**
 * Faults of the web layer itself, with the HTTP class names Neutron gives them, and the one place that turns any
 * error into the body clients parse. Faults of the cloud's state come from `core`.
 */
import { Fault } from '../core/faults.js'

export { Fault }

export const badRequest = (message: string) => new Fault('HTTPBadRequest', 400, message)
export const notFound = () => new Fault('HTTPNotFound', 404, 'The resource could not be found.')
export const methodNotAllowed = (method: string) =>
  new Fault('HTTPMethodNotAllowed', 405, `The method ${method} is not allowed for this resource.`)
export const tooManyRequests = () =>
  new Fault('HTTPTooManyRequests', 429, 'This project sends more requests per second than it may.')
export const serviceUnavailable = (message: string) => new Fault('HTTPServiceUnavailable', 503, message)

/** A value that cannot be converted to the attribute's type. */
export const invalidInput = (message: string) =>
  new Fault('InvalidInput', 400, `Invalid input for operation: ${message}.`)

export const policyNotAuthorized = (rule: string) =>
  new Fault('PolicyNotAuthorized', 403, `${rule} is disallowed by policy`)

export const adminRequired = (reason: string) =>
  new Fault('AdminRequired', 403, `User does not have admin privileges: ${reason}`)

export interface FaultReply {
  readonly status: number
  readonly body: { readonly NeutronError: { readonly type: string; readonly message: string; readonly detail: string } }
}

/** Status and body of an error. What is no fault says nothing of our insides. */
export function faultReply(error: unknown): FaultReply {
  const fault = toFault(error)
  return { status: fault.status, body: { NeutronError: { type: fault.type, message: fault.message, detail: '' } } }
}

/** A client's error, as opposed to ours. */
export function isExpected(error: unknown): boolean {
  return toFault(error).status < 500
}

function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Fault('HTTPRequestEntityTooLarge', 413, 'Request is too large.')
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    // such as 415: clients know the type, and the status says the rest
    return new Fault('HTTPBadRequest', statusCode as 400, 'The server could not comply with the request.')
  }
  return new Fault(
    'HTTPInternalServerError',
    500,
    'Request Failed: internal server error while processing your request.',
  )
}
