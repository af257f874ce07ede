import { createHash } from 'node:crypto'
import type { HttpReply, HttpRequest } from '../../client/http.js'

const SECRET_FIELDS = /"(password|adminPass|secret|user_data)":\s*"(?:[^"\\]|\\.)*"/g

/** Requests and replies for `--debug`, as command lines of curl; tokens and passwords are not shown. */
export function requestLine(request: HttpRequest): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `-H "${name}: ${shown(name, value)}"`)
  const body = request.body === undefined ? '' : ` -d '${hideSecrets(request.body)}'`
  return `REQ: curl -i ${request.url} -X ${request.method} ${headers.join(' ')}${body}`
}

export function replyLine(reply: HttpReply): string {
  const headers = Object.entries(reply.headers).map(([name, value]) => `${name}: ${shown(name, value)}`)
  return `RESP: [${reply.status}] ${headers.join('; ')}\nRESP BODY: ${hideSecrets(reply.body)}`
}

/** Equal tokens look equal, and nobody can use what they see. */
function shown(name: string, value: string): string {
  if (!/token$/i.test(name)) return value
  return `{SHA1}${createHash('sha1').update(value).digest('hex')}`
}

/** Hides a `"token": {"id": …}` of a request as well as named fields. */
function hideSecrets(body: string): string {
  return body.replace(SECRET_FIELDS, '"$1": "***"').replace(/("token":\s*\{\s*"id":\s*)"(?:[^"\\]|\\.)*"/g, '$1"***"')
}
