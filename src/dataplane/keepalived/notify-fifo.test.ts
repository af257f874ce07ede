import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LocalHost } from '../command/host.js'
import { followFifo, isFifo, makeFifo, type VrrpWord } from './notify-fifo.js'

test('states are read as keepalived writes them, in pieces or several at once', { timeout: 10_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'notify-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'notify')
  assert.equal(isFifo(path), false)
  await makeFifo(new LocalHost(), path)
  await makeFifo(new LocalHost(), path)
  assert.equal(isFifo(path), true)
  const words: VrrpWord[] = []
  const count = async (wanted: number) => {
    while (words.length < wanted) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const end = followFifo(path, (word) => words.push(word))
  appendFileSync(path, 'INSTANCE "VR_1" BACKUP 50\nINSTANCE "VR_1" MAS')
  await count(1)
  assert.deepEqual(words, ['BACKUP'])
  // the writer has gone and come back, as with a reload
  appendFileSync(path, 'TER 50\nGROUP "VG" MASTER 0\nINSTANCE "VR_1" STOP 50\n')
  await count(3)
  assert.deepEqual(words, ['BACKUP', 'MASTER', 'STOP'])
  end()
})
