import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proxyConfig, proxyPaths } from './config.js'

test("a router's proxy names its router and deletes what an instance may have forged", () => {
  const paths = proxyPaths('/var/lib/neutron', 'r')
  const lines = proxyConfig({ id: 'r', idHeader: 'X-Neutron-Router-ID', binds: [':::9697'] }, paths).split('\n')
  assert.deepEqual(lines.slice(lines.indexOf('listen listener')), [
    'listen listener',
    '    bind :::9697',
    '    server metadata /var/lib/neutron/metadata_proxy',
    '    http-request del-header X-Neutron-Network-ID',
    '    http-request set-header X-Neutron-Router-ID r',
    '',
  ])
  assert.ok(lines.includes('    pidfile     /var/lib/neutron/external/pids/r.pid.haproxy'))
})
