import { ApiError, ConnectError } from '../../client/errors.js'
import type { Program } from '../common/program.js'
import { OPENSTACK_STYLE, printerOf } from '../output/format.js'
import { OPENSTACK_COMMANDS } from './index.js'

/** The unified client, as far as networking and what it needs of identity and compute go. */
export const OPENSTACK: Program = {
  name: 'openstack',
  about: 'Command-line client of a cloud.',
  userAgent: 'openstackclient',
  index: OPENSTACK_COMMANDS,
  words: 5,
  usesClouds: true,
  interactive: true,
  print: printerOf(OPENSTACK_STYLE),
  explain,
}

const KINDS: Readonly<Record<number, string>> = {
  400: 'BadRequestException',
  403: 'ForbiddenException',
  404: 'NotFoundException',
  409: 'ConflictException',
}

/** `ConflictException: 409: Client Error for url: …, <what the server said>`. */
function explain(error: unknown): string {
  if (error instanceof ApiError) {
    const request = error.requestId === '' ? '' : ` (Request-ID: ${error.requestId})`
    if (error.status === 401) return `${error.message} (HTTP 401)${request}`
    const side = error.status >= 500 ? 'Server' : 'Client'
    const kind = KINDS[error.status] ?? 'HttpException'
    return `${kind}: ${error.status}: ${side} Error for url: ${error.url}, ${error.message}`
  }
  if (error instanceof ConnectError) return `Unable to establish connection to ${error.url}`
  return error instanceof Error ? error.message : String(error)
}
