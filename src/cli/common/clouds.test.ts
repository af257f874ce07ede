import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ParsedArgs } from '../args/parsed.js'
import { sessionOptions } from './credentials.js'
import { parseSimpleYaml } from './simple-yaml.js'

const TEXT = `# clouds
clouds:
  lab:   # ours
    auth:
      auth_url: http://controller:5000/v3
      username: "demo"
      password: 'it''s #1'
      project_name: demo
      user_domain_name: Default
    region_name: RegionOne
    interface: internal
    verify: false
    network_endpoint_override: http://controller:9696
    regions:
    - RegionOne
`

test('a cloud of clouds.yaml, below the environment and the command line', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'clouds-'))
  try {
    writeFileSync(join(directory, 'clouds.yaml'), TEXT)
    const env = { OS_CLOUD: 'lab', OS_PROJECT_NAME: 'other' }
    const io = { env, out: () => undefined, err: () => undefined, directory, home: directory }
    const globals = new ParsedArgs(new Map([['os_username', 'admin']]))
    const options = await sessionOptions(globals, io, true)
    assert.equal(options.authUrl, 'http://controller:5000/v3')
    assert.deepEqual([options.username, options.projectName, options.password], ['admin', 'other', "it's #1"])
    assert.deepEqual([options.region, options.interface, options.insecure], ['RegionOne', 'internal', true])
    assert.equal(options.endpoints?.network, 'http://controller:9696')
    const unknown = { ...io, env: { OS_CLOUD: 'x' } }
    await assert.rejects(sessionOptions(globals, unknown, true), /Cloud x was not found/)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('YAML beyond the subset is refused, with its line', () => {
  assert.deepEqual(parseSimpleYaml('{"clouds": {"a": {}}}'), { clouds: { a: {} } })
  for (const text of ['a: &x 1', 'a: |\n  text', 'a: {b: 1}', 'a:\n\tb: 1', 'a: 1\n   b: 2']) {
    assert.throws(() => parseSimpleYaml(text, 'f'), /^CredentialsError: f:\d: .* not understood$/, text)
  }
})
