import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { closeServers } from './listen.js'
import { Metrics } from './metrics.js'

it('serves its figures at /metrics, and nothing elsewhere', async () => {
  const metrics = new Metrics()
  metrics.request({ method: 'GET', route: '/v2.0/ports/:id', status: 200, seconds: 0.003 })
  metrics.gauge('revision', 'Last revision', () => 7)
  let agents: Record<string, number> = { 'neutron-l3-agent': 2, 'neutron-dhcp-agent': 1 }
  metrics.gauges('streams', 'Connected agents', 'binary', () => agents)
  let counts = [{ labels: { meter: 'a', host: 'h1' }, value: 84 }]
  metrics.counters('bytes_total', 'Bytes', ['meter', 'host'], () => counts)
  const server = await metrics.serve('127.0.0.1', 0)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const text = await (await fetch(`${url}/metrics`)).text()
    const bucket = (le: string) =>
      text.includes(
        `eastwest_http_request_duration_seconds_bucket{le="${le}",method="GET",route="/v2.0/ports/:id",status="200"} 1`,
      )
    assert.ok(!bucket('0.0025') && bucket('0.005'))
    assert.match(text, /^eastwest_revision 7$/m)
    assert.match(text, /^eastwest_streams\{binary="neutron-l3-agent"\} 2$/m)
    assert.match(text, /^process_resident_memory_bytes \d+/m)
    assert.match(text, /^eastwest_bytes_total\{meter="a",host="h1"\} 84$/m)
    agents = {}
    counts = []
    assert.doesNotMatch(await (await fetch(`${url}/metrics`)).text(), /^eastwest_(streams|bytes_total)\{/m)
    assert.equal((await fetch(url)).status, 404)
  } finally {
    await closeServers([server])
  }
})
