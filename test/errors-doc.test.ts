import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { FAULT_STATUS } from '../src/core/fault-types.js'

const ROOT = resolve(import.meta.dirname, '..')

interface Row {
  readonly type: string
  readonly status: number
  readonly message: string
}

/** Rows of the page: | `Type` | status | `message` | when | */
function rows(): Row[] {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')
  return [...page.matchAll(/^\| `(\w+)` \| (\d+) \| `([^`]+)` \|/gm)].map(([, type, status, message]) => ({
    type: type!,
    status: Number(status),
    message: message!,
  }))
}

/** Source of everything that can answer a client of the Networking API, apart from the catalogue itself. */
function source(): string {
  const files = ['api', 'core', 'drivers'].flatMap((part) =>
    readdirSync(join(ROOT, 'src', part), { recursive: true, encoding: 'utf8' }).map((path) => join(part, path)),
  )
  const code = files.filter((path) => /\.ts$/.test(path) && !/\.(test|fake)\.ts$|^core\/fault-types/.test(path))
  return code.map((path) => readFileSync(join(ROOT, 'src', path), 'utf8')).join('\n')
}

/** A message without what is filled in: `Network <id> could not be found.` and `Network ${id} …` are the same. */
function messageInCode(text: string, message: string): boolean {
  const parts = message.split(/<\w+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  // what is filled in may itself hold one level of braces and templates
  const filled = '\\$\\{(?:[^{}]|\\{[^{}]*\\})+\\}'
  return new RegExp(`['"\`]${parts.join(filled)}['"\`]`).test(text)
}

const sorted = (values: Iterable<string>) => [...new Set(values)].sort()

describe('docs/errors.md', () => {
  it('has the types and statuses of the catalogue, and no others', () => {
    const catalogue = Object.entries(FAULT_STATUS).map(([type, status]) => `${type} ${status}`)
    assert.deepEqual(sorted(rows().map(({ type, status }) => `${type} ${status}`)), sorted(catalogue))
  })

  it('has no row that the test does not read', () => {
    const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')
    const all = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (Type|---) /.test(line))
    assert.equal(rows().length, all.length)
  })

  it('quotes messages of the code', () => {
    // two parts of a long text are one message
    const text = source().replace(/['`] \+\s*['`]/g, '')
    const wrong = rows().filter(({ message }) => !/^<\w+>$/.test(message) && !messageInCode(text, message))
    assert.deepEqual(wrong, [])
  })

  it('lists nothing that the code does not use', () => {
    const text = source()
    const unused = Object.keys(FAULT_STATUS).filter((type) => !text.includes(`'${type}'`))
    assert.deepEqual(unused, [])
  })
})
