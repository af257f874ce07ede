import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MeterState, measured, NO_METER_STATE, type Reading, reported, samplesOf } from './meters.js'

const LABEL = 'label-1'

function reading(pkts: number, over: Partial<Reading> = {}): Reading {
  const place = { namespace: 'qrouter-1@7', family: 'ipv4', labelId: LABEL, projectId: 'demo', routerId: 'r1' } as const
  return { ...place, pkts, bytes: pkts * 100, ...over }
}

const totals = (state: MeterState, granular = false) =>
  samplesOf(state, granular).map((sample) => [sample.pkts, sample.bytes, sample.total_pkts])

describe('meters', () => {
  it('count from reading to reading, and begin anew after a report', () => {
    let state = measured(NO_METER_STATE, [reading(0)], 100)
    state = measured(state, [reading(5)], 130)
    state = measured(state, [reading(7)], 160)
    assert.deepEqual(samplesOf(state, false), [
      {
        label_id: LABEL,
        project_id: 'demo',
        pkts: 7,
        bytes: 700,
        time: 60,
        first_update: 100,
        last_update: 160,
        total_pkts: 7,
        total_bytes: 700,
      },
    ])
    state = reported(state, new Set([`${LABEL}/r1`]))
    state = measured(state, [reading(8)], 190)
    assert.deepEqual(totals(state), [[1, 100, 8]])
    assert.equal(samplesOf(state, false)[0]!.time, 30)
  })

  it('survive a restart: what the kernel counted meanwhile is not lost, what was counted before not repeated', () => {
    const state = measured(measured(NO_METER_STATE, [reading(0)], 100), [reading(5)], 130)
    const loaded = JSON.parse(JSON.stringify(state)) as MeterState
    assert.deepEqual(totals(measured(loaded, [reading(9)], 200)), [[9, 900, 9]])
  })

  it('take a counter that went back, or is in another namespace, for a new one', () => {
    const state = measured(NO_METER_STATE, [reading(5)], 100)
    assert.deepEqual(totals(measured(state, [reading(2)], 130)), [[7, 700, 7]])
    const elsewhere = { namespace: 'qrouter-1@8' }
    assert.deepEqual(totals(measured(state, [reading(6, elsewhere)], 130)), [[11, 1100, 11]])
  })

  it('wait for a namespace that could not be read', () => {
    const state = measured(NO_METER_STATE, [reading(5)], 100)
    const meanwhile = measured(state, [], 130, new Set(['qrouter-1@7']))
    assert.deepEqual(totals(measured(meanwhile, [reading(6)], 160)), [[6, 600, 6]])
    const gone = measured(state, [], 130)
    assert.deepEqual(totals(measured(gone, [reading(6)], 160)), [[11, 1100, 11]])
  })

  it('add up the places of a label, or tell its routers apart', () => {
    const places = [
      reading(1),
      reading(2, { namespace: 'snat-1@9' }),
      reading(4, { namespace: 'snat-1@9', family: 'ipv6' }),
      reading(8, { namespace: 'qrouter-2@3', routerId: 'r2' }),
    ]
    const state = measured(NO_METER_STATE, places, 100)
    assert.deepEqual(totals(state), [[15, 1500, 15]])
    assert.deepEqual(totals(state, true), [
      [7, 700, 7],
      [8, 800, 8],
    ])
    assert.deepEqual(
      samplesOf(state, true).map(({ router_id }) => router_id),
      ['r1', 'r2'],
    )
    // four readings of one moment are not four spans of time
    const later = measured(state, places, 130)
    assert.equal(samplesOf(later, false)[0]!.time, 30)
  })

  it('tell the last of what is not counted any more once', () => {
    const state = measured(NO_METER_STATE, [reading(5)], 100)
    assert.deepEqual(totals(measured(state, [], 130)), [[5, 500, 5]])
    assert.deepEqual(totals(reported(state, new Set())), [])
  })
})
