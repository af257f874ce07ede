import { bool, ignored, int, optionalStr, str } from './options.js'
import { transportDefault } from './transport.js'

/** Options of `neutron.conf` [DEFAULT] that every daemon of the network service reads. */
export const commonDefault = {
  debug: bool(false),
  verbose: ignored('removed; use debug'),
  host: optionalStr(),
  state_path: str('/var/lib/neutron'),
  ...transportDefault,
}

export const agentSection = { report_interval: int(30) }
