import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { generated, PAGES, withGenerated } from '../scripts/pipeline-docs.js'

const PIPELINE = resolve(import.meta.dirname, '../src/agents/ovs/pipeline')

describe('docs/pipeline', () => {
  for (const [file, texts] of Object.entries(generated())) {
    it(`${file} says what the code does`, () => {
      const page = readFileSync(join(PAGES, file), 'utf8')
      const hint = 'run: node --import tsx scripts/pipeline-docs.ts'
      assert.ok(page === withGenerated(page, texts), `${file} differs from the code; ${hint}`)
    })
  }

  it('shows every kind of flow', () => {
    const shown = Object.values(generated()).flatMap((texts) => Object.values(texts))
    const text = shown.join('\n')
    const missing = reasons().filter((why) => !text.includes(`| ${why} |`))
    assert.deepEqual(missing, [])
  })
})

/** Every `why: '…'` of the pipeline's source. */
function reasons(): string[] {
  const files = readdirSync(PIPELINE, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /^br-\w+\/.*(?<!\.test)\.ts$/.test(path),
  )
  const found = files.flatMap((path) =>
    [...readFileSync(join(PIPELINE, path), 'utf8').matchAll(/\bwhy: (?:'([^']+)'|"([^"]+)")/g)].map(
      (match) => match[1] ?? match[2]!,
    ),
  )
  assert.ok(found.length > 20, 'the search finds the flows')
  return found
}
