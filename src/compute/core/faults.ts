import { NeutronError } from '../clients/neutron.js'

const NAMES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  406: 'notAcceptable',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  500: 'computeFault',
  501: 'notImplemented',
  503: 'serviceUnavailable',
}

/** An error of the Compute API: body `{"itemNotFound": {"code", "message"}}`. */
export class NovaFault extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'NovaFault'
    this.code = code
  }

  body(): Record<string, { code: number; message: string }> {
    return { [NAMES[this.code] ?? 'computeFault']: { code: this.code, message: this.message } }
  }
}

export const badRequest = (message: string) => new NovaFault(400, message)
export const forbidden = (rule: string) => new NovaFault(403, `Policy doesn't allow ${rule} to be performed.`)
export const notFound = (message: string) => new NovaFault(404, message)
export const conflict = (message: string) => new NovaFault(409, message)
export const instanceNotFound = (id: string) => notFound(`Instance ${id} could not be found.`)

/** What the network service refused, in the words of the Compute API. Its authorisation problems are not the client's. */
export function fromNeutron(error: unknown): unknown {
  if (!(error instanceof NeutronError)) return error
  if ([400, 403, 404, 409].includes(error.status)) return new NovaFault(error.status, error.message)
  return new NovaFault(503, 'The network service is unavailable.')
}
