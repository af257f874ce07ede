import { ApiError } from '../../client/errors.js'
import { Unexpected } from './expect.js'

/** How the API refuses: Neutron's exception class, its status, the whole message. */
export interface Refusal {
  readonly status: number
  readonly type: string
  readonly message: string
}

const shown = ({ status, type, message }: Refusal) => `${status} ${type}: ${message}`

/** Throws unless the call fails with exactly this answer. */
export async function expectRefused(call: () => Promise<unknown>, refusal: Refusal): Promise<void> {
  const error = await call().then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error !== null && !(error instanceof ApiError)) throw error
  const answer = error === null ? 'success' : shown(error)
  if (answer !== shown(refusal)) throw new Unexpected(`the API answered '${answer}', expected '${shown(refusal)}'`)
}

/** The answer to a request that makes no sense: `Bad <resource> request: <message>.` */
export function badRequest(resource: string, message: string): Refusal {
  return { status: 400, type: 'BadRequest', message: `Bad ${resource} request: ${message}.` }
}
