/** A reply with status 400 or above. `type` is Neutron's class name, Nova's fault key or Keystone's title. */
export class ApiError extends Error {
  readonly status: number
  readonly type: string
  readonly detail: string
  readonly url: string
  readonly requestId: string

  constructor(reply: {
    status: number
    type: string
    message: string
    detail: string
    url: string
    requestId: string
  }) {
    super(reply.message)
    this.name = 'ApiError'
    this.status = reply.status
    this.type = reply.type
    this.detail = reply.detail
    this.url = reply.url
    this.requestId = reply.requestId
  }
}

/** The server could not be reached, or closed the connection before it answered. */
export class ConnectError extends Error {
  readonly url: string
  readonly reason: string

  constructor(url: string, reason: string) {
    super(`Unable to establish connection to ${url}: ${reason}`)
    this.name = 'ConnectError'
    this.url = url
    this.reason = reason
  }
}

/** Credentials are missing or contradict each other, or the catalog lacks a service. */
export class CredentialsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CredentialsError'
  }
}

/** The identity service cannot be asked, or refuses a service's own user. The message names no password and no token. */
export class IdentityError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'IdentityError'
  }
}

/** Nothing, or more than one thing, has the name that was asked for. */
export class LookupError extends Error {
  readonly resource: string
  readonly text: string
  readonly problem: 'none' | 'several'

  constructor(resource: string, text: string, problem: 'none' | 'several') {
    super(
      problem === 'none'
        ? `Unable to find ${resource} with name '${text}'`
        : `Multiple ${resource} matches found for name '${text}', use an ID to be more specific.`,
    )
    this.name = 'LookupError'
    this.resource = resource
    this.text = text
    this.problem = problem
  }
}

/** What an error body of Neutron, Keystone or Nova says; the plain body when it is none of these. */
export function parseFault(status: number, body: string): { type: string; message: string; detail: string } {
  const plain = { type: `HTTP${status}`, message: body.trim() || `HTTP status ${status}`, detail: '' }
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return plain
  }
  if (typeof parsed !== 'object' || parsed === null) return plain
  const [key, fault] = Object.entries(parsed)[0] ?? []
  if (typeof fault === 'string') return { type: key ?? plain.type, message: fault, detail: '' }
  if (typeof fault !== 'object' || fault === null) return plain
  const { type, title, message, detail } = fault as Record<string, unknown>
  const name = [type, key === 'error' ? title : undefined].find((text) => typeof text === 'string' && text !== '')
  return {
    type: String(name ?? key ?? plain.type),
    message: typeof message === 'string' && message !== '' ? message : plain.message,
    detail: typeof detail === 'string' ? detail : '',
  }
}
