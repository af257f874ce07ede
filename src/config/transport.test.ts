import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIni } from './ini.js'
import { resolveConfig } from './options.js'
import { parseStreamUrl, type RabbitTransport, rabbitSection, transportDefault, transportOf } from './transport.js'

function transport(url: string, more = '') {
  const table = { DEFAULT: transportDefault, oslo_messaging_rabbit: rabbitSection }
  const data = parseIni(`[DEFAULT]\ntransport_url = ${url}\n${more}`)
  return transportOf(resolveConfig(table, [{ path: 'neutron.conf', data }]).values)
}
const rabbit = (url: string, more?: string) => transport(url, more) as RabbitTransport

describe('transport_url', () => {
  it('names the embedded stream', () => {
    const controller = { scheme: 'stream', host: 'controller', secret: 'S3CRET' }
    assert.deepEqual(transport('stream://neutron:S3CRET@controller:9999/'), { ...controller, port: 9999 })
    assert.deepEqual(transport('stream://neutron:S3CRET@controller'), { ...controller, port: 9690 })
    assert.equal((transport('stream://x:a%2Fb@[fd00::1]:9690/') as { host: string }).host, 'fd00::1')
  })

  it('names several brokers, with percent-encoding and a virtual host', () => {
    const url = rabbit('rabbit://neutron:p%40ss%2F%3A@one:5673,other@[fd00::2],three/net%2Fwork')
    assert.deepEqual(url.brokers, [
      { host: 'one', port: 5673, user: 'neutron', password: 'p@ss/:' },
      { host: 'fd00::2', port: 5672, user: 'other', password: '' },
      { host: 'three', port: 5672, user: 'guest', password: 'guest' },
    ])
    assert.equal(url.virtualHost, 'net/work')
    assert.deepEqual(url.exchange, { name: 'neutron', durable: false, autoDelete: false })
    assert.equal(url.tls, null)
    for (const [path, virtualHost] of [
      ['', '/'],
      ['/', '/'],
      ['//', '/'],
      ['/%2F', '/'],
      ['/openstack', 'openstack'],
    ])
      assert.equal(rabbit(`rabbit://u:p@h${path}`).virtualHost, virtualHost)
  })

  it('takes options from its section, then from the URL', () => {
    const section = `[oslo_messaging_rabbit]
ssl = True
ssl_ca_file = /etc/ca.pem
heartbeat_timeout_threshold = 30
amqp_durable_queues = True
`
    const url = rabbit('rabbit://u:p@h/?heartbeat_timeout_threshold=10', section)
    assert.deepEqual(url.tls, { ca: '/etc/ca.pem', certificate: null, key: null })
    assert.equal(url.brokers[0]!.port, 5671)
    assert.equal(url.heartbeat, 10)
    assert.equal(url.exchange.durable, true)
    assert.equal(rabbit('rabbit://u:p@h/?ssl=1').brokers[0]!.port, 5671)
  })

  it('is refused without showing its password', () => {
    for (const [url, reason] of [
      ['kafka://u:hidden@h/', /kafka:\/\/ is not served: use stream:\/\/ or rabbit:\/\//],
      ['hidden', /not of the form/],
      ['rabbit://u:hidden@h:port/', /a host is not of the form/],
      ['rabbit://u:hidden%zz@h/', /'%' is not followed/],
      ['rabbit://u:hidden@h/?nothing=1', /there is no option 'nothing'/],
      ['rabbit://u:hidden@/', /a host is not of the form/],
      ['rabbit://', /no host/],
      ['stream://u:hidden@a,b/', /takes one host/],
    ] as const) {
      assert.throws(
        () => transport(url),
        (error: Error) => reason.test(error.message) && !error.message.includes('hidden') && !('input' in error),
        url,
      )
    }
    assert.throws(() => parseStreamUrl('rabbit://u:hidden@h/', 9691), /rabbit:\/\/ is not served here: use stream/)
  })
})
