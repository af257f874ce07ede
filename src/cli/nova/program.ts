import { ApiError, ConnectError } from '../../client/errors.js'
import type { Program } from '../common/program.js'
import type { Result } from '../output/result.js'
import { NOVA_COMMANDS } from './index.js'
import { novaList, novaOne } from './table.js'

/** The compute client of the Kilo release. Addresses and security groups are asked from the networking service. */
export const NOVA: Program = {
  name: 'nova',
  about: 'Command-line client of the compute service.',
  userAgent: 'python-novaclient',
  index: NOVA_COMMANDS,
  words: 1,
  usesClouds: false,
  interactive: false,
  print: printResult,
  explain,
}

function printResult(result: Result): string {
  switch (result.kind) {
    case 'none':
      return ''
    case 'text':
      return `${result.text}\n`
    case 'list':
      return `${novaList(result)}\n`
    case 'one':
      return `${novaOne(result)}\n`
  }
}

const KINDS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
}

/** `ERROR (NotFound): … (HTTP 404) (Request-ID: …)`. */
function explain(error: unknown): string {
  if (error instanceof ApiError) {
    const request = error.requestId === '' ? '' : ` (Request-ID: ${error.requestId})`
    return `ERROR (${KINDS[error.status] ?? 'ClientException'}): ${error.message} (HTTP ${error.status})${request}`
  }
  if (error instanceof ConnectError) return `ERROR (ConnectFailure): Unable to establish connection to ${error.url}`
  return `ERROR (CommandError): ${error instanceof Error ? error.message : String(error)}`
}
