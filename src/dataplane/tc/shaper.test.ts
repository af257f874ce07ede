import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Host } from '../command/host.js'
import { DEFAULT_PATHS } from '../command/host.js'
import { bytesOf, HANDLE, parseShapes, Shaper, shapeLines } from './shaper.js'

const PRINTED = JSON.stringify([
  { kind: 'noqueue', handle: '0:', dev: 'lo', root: true, options: {} },
  { kind: 'tbf', handle: HANDLE, dev: 'qvb1', root: true, options: { rate: 125000, burst: 99994, lat: 49999 } },
  { kind: 'tbf', handle: '1:', dev: 'eth0', root: true, options: { rate: 5, burst: 5 } },
])

test('what differs is written, what is not wanted goes, strangers stay', () => {
  const actual = parseShapes(PRINTED)
  assert.deepEqual([...actual.keys()], ['qvb1'])
  const same = { bytesPerSecond: 125_000, burst: 100_000 }
  assert.deepEqual(shapeLines(actual, new Map([['qvb1', same]])), [])
  assert.deepEqual(shapeLines(actual, new Map([['qvb2', same]])), [
    'qdisc replace dev qvb2 root handle 7e0b: tbf rate 1000000bit burst 100000 latency 50ms',
    'qdisc del dev qvb1 root',
  ])
  assert.equal(shapeLines(actual, new Map([['qvb1', { ...same, bytesPerSecond: 125_001 }]])).length, 1)
})

test('a burst lets a frame through, and what one tick of the kernel releases', () => {
  assert.deepEqual(bytesOf({ kbps: 100, burstKb: 1 }), { bytesPerSecond: 12_500, burst: 10_000 })
  assert.deepEqual(bytesOf({ kbps: 1_000_000, burstKb: 800 }), { bytesPerSecond: 125_000_000, burst: 1_250_000 })
})

test('nothing is run when nothing changed; a device that is not there is told of', async () => {
  const runs: string[] = []
  const host: Host = {
    name: 'h',
    paths: DEFAULT_PATHS,
    run: async (argv, options) => {
      runs.push(`${argv.join(' ')}${options?.input ? ` < ${options.input.trim()}` : ''}`)
      if (argv.includes('show')) return { stdout: '[]', stderr: '', code: 0 }
      return { stdout: '', stderr: 'Cannot find device "qvb9"\nCommand failed -:1\n', code: 1 }
    },
  }
  const shaper = new Shaper(host)
  assert.deepEqual(await shaper.apply(new Map(), false), { writes: 0, faults: [] })
  assert.deepEqual(await shaper.apply(new Map(), false), { writes: 0, faults: [] })
  assert.equal(runs.length, 1)
  const { faults } = await shaper.apply(new Map([['qvb9', { kbps: 8, burstKb: 800, generation: 1 }]]), false)
  assert.deepEqual(
    faults.map(({ message }) => message),
    ['Cannot find device "qvb9"'],
  )
})
