import { parseIni } from '../../src/config/ini.js'
import { resolveConfig } from '../../src/config/options.js'
import { type RabbitTransport, rabbitSection, transportDefault, transportOf } from '../../src/config/transport.js'

/** What a service makes of a file with this `transport_url`. */
export function rabbitOf(url: string): RabbitTransport {
  const table = { DEFAULT: transportDefault, oslo_messaging_rabbit: rabbitSection }
  const data = parseIni(`[DEFAULT]\ntransport_url = ${url}\n`)
  const transport = transportOf(resolveConfig(table, [{ path: 'test', data }]).values)
  if (transport.scheme !== 'rabbit') throw new Error('not a rabbit:// URL')
  return transport
}
