import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { ALIASES } from '../src/api/resources/extensions.js'
import { CASES } from '../src/lab/cases/index.js'

const ROOT = resolve(import.meta.dirname, '..')
const page = readFileSync(join(ROOT, 'docs/features.md'), 'utf8')
const rows = [...page.matchAll(/^\| `([\w-]+)` \| (yes|no) \| (.*) \|$/gm)].map(([, alias, supported, text]) => ({
  alias: alias!,
  supported: supported === 'yes',
  text: text!,
}))

describe('the extensions in docs/features.md', () => {
  it('are those that are announced', () => {
    const supported = rows.filter((row) => row.supported).map(({ alias }) => alias)
    assert.deepEqual(supported.sort(), [...ALIASES].sort())
  })

  it('are each there once', () => {
    assert.equal(new Set(rows.map(({ alias }) => alias)).size, rows.length)
  })

  it('name tests and cases that there are', () => {
    const cases = new Set(CASES.map(({ name }) => name))
    for (const { alias, supported, text } of rows) {
      if (!supported) continue
      const named = [...text.matchAll(/(case )?`([^`]+)`/g)]
      assert.ok(named.length > 0, `${alias} names no test`)
      for (const [, isCase, name] of named) {
        assert.ok(isCase ? cases.has(name!) : existsSync(join(ROOT, name!)), `${alias}: there is no ${name}`)
      }
    }
  })
})
