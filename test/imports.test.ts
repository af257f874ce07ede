import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, it } from 'node:test'

/**
 * Data flows one way: config → api → core → store → bus → agents → reconcile → dataplane. What each part may import
 * of the others; `base` and `model` are free to all and import nothing above themselves.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  config: [],
  // api asks the identity service who sent a request, with the same session as every other service user
  api: ['config', 'core', 'client'],
  core: ['config', 'drivers', 'store', 'bus/contracts', 'bus/ports', 'client'],
  // a driver implements an interface of core, and keeps its allocations in the store
  drivers: ['config', 'core/ml2', 'core/faults', 'core/fault-messages', 'store'],
  store: ['bus/ports', 'core/faults', 'core/service'],
  bus: ['config/transport'],
  agents: ['config', 'bus/contracts', 'bus/client', 'reconcile', 'dataplane'],
  reconcile: [],
  dataplane: [],
  identity: ['config'],
  compute: ['config', 'client', 'dataplane'],
  client: [],
  cli: ['client', 'lab'],
  lab: ['client', 'dataplane/command'],
  processes: ['config', 'api', 'core', 'store', 'bus', 'agents', 'dataplane', 'identity', 'compute', 'client'],
}
const FREE = ['base', 'model']
const SRC = resolve(import.meta.dirname, '../src')

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8')
  const named = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!)
  return named.map((target) => relative(SRC, resolve(SRC, dirname(path), target)))
}

describe('imports', () => {
  it('go the way of the house', () => {
    const wrong: string[] = []
    for (const path of sources()) {
      const part = path.split('/')[0]!
      const allowed = MAY_IMPORT[part]
      assert.ok(allowed, `src/${part} is not in the drawing`)
      if (/\.(test|fake)\.ts$/.test(path)) continue
      for (const target of importsOf(path)) {
        const [top = ''] = target.split('/')
        if (top === part || FREE.includes(top)) continue
        if (!allowed.some((prefix) => target === `${prefix}.js` || target.startsWith(`${prefix}/`)))
          wrong.push(`${path} imports ${target}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('see every import line', () => {
    assert.ok(importsOf('bus/hub.ts').includes('bus/host-feed.js'))
  })
})
