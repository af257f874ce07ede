import { bool, ignored, int, optionalStr, str } from './options.js'

/** Options of `neutron.conf` [DEFAULT] that every daemon of the network service reads. */
export const commonDefault = {
  debug: bool(false),
  verbose: ignored('removed; use debug'),
  host: optionalStr(),
  state_path: str('/var/lib/neutron'),
  transport_url: str('stream://127.0.0.1:9690/'),
}

export const agentSection = { report_interval: int(30) }

/** `stream://[user:SECRET@]host[:9690]/`: the embedded bus. `rabbit://…` names RabbitMQ. */
export interface TransportUrl {
  readonly scheme: string
  readonly host: string
  readonly port: number
  readonly secret: string
}

export function parseTransportUrl(text: string): TransportUrl {
  const url = new URL(text.replace(/^stream:/, 'http:'))
  return {
    scheme: text.slice(0, text.indexOf(':')),
    host: url.hostname,
    port: url.port === '' ? 9690 : Number(url.port),
    secret: decodeURIComponent(url.password),
  }
}
