import { ApiError, ConnectError } from '../../client/errors.js'
import type { Program } from '../common/program.js'
import { NEUTRON_STYLE, printerOf } from '../output/format.js'
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
  print: printerOf(NEUTRON_STYLE),
  explain,
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
