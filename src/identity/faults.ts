/** An error of the Identity API: body `{"error": {"code", "title", "message"}}`. */
export class IdentityFault extends Error {
  readonly code: number
  readonly title: string

  constructor(code: number, title: string, message: string) {
    super(message)
    this.name = 'IdentityFault'
    this.code = code
    this.title = title
  }

  body(): { error: { code: number; title: string; message: string } } {
    return { error: { code: this.code, title: this.title, message: this.message } }
  }
}

export const badRequest = (message: string) => new IdentityFault(400, 'Bad Request', message)

/** One text for every reason: which part of the credentials was wrong is nobody's business. */
export const unauthorized = () =>
  new IdentityFault(401, 'Unauthorized', 'The request you have made requires authentication.')

/** `action` as in Keystone's policy, without `identity:` */
export const forbidden = (action: string) =>
  new IdentityFault(403, 'Forbidden', `You are not authorized to perform the requested action: identity:${action}.`)

export const notFound = (what: string, id: string) =>
  new IdentityFault(404, 'Not Found', `Could not find ${what}: ${id}.`)

export const conflict = (what: string, details: string) =>
  new IdentityFault(409, 'Conflict', `Conflict occurred attempting to store ${what} - ${details}.`)
