import { ApiError, ConnectError } from '../../client/errors.js'
import type { Program } from '../common/program.js'
import { formatList, formatOne, NEUTRON_STYLE } from '../output/format.js'
import type { OutputOptions } from '../output/options.js'
import type { Result } from '../output/result.js'
import { NEUTRON_COMMANDS } from './index.js'

/** The networking client of the Kilo release. */
export const NEUTRON: Program = {
  name: 'neutron',
  about: 'Command-line client of the networking service.',
  userAgent: 'python-neutronclient',
  index: NEUTRON_COMMANDS,
  words: 1,
  usesClouds: false,
  interactive: true,
  print: printResult,
  explain,
}

function printResult(result: Result, options: OutputOptions): string {
  switch (result.kind) {
    case 'none':
      return ''
    case 'text':
      return `${result.text}\n`
    case 'list':
      return `${formatList(result, options, NEUTRON_STYLE)}\n`
    case 'one':
      return `${formatOne(result, options, NEUTRON_STYLE)}\n`
  }
}

/** What the server said, without its status. */
function explain(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.status === 401) return 'Unauthorized'
    return error.detail === '' ? error.message : `${error.message}\n${error.detail}`
  }
  if (error instanceof ConnectError) return `Unable to establish connection to ${error.url}`
  return error instanceof Error ? error.message : String(error)
}
