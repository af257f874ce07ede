import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActualQueue, ifbName, incoming, outgoing, queueLines, rateText } from './address-limits.js'
import { parseTcDump, queueOf } from './parse-limits.js'

const QUEUE = outgoing('qg-ff5f93c6-37')
const A = '203.0.113.102'
const B = '203.0.113.103'
const mbit = (mbps: number) => ({ kbps: mbps * 1000, burstKb: 800 })

/** As `tc -j -batch` prints: classes are text in it. */
const PRINTED = `[{"kind":"htb","handle":"7e0c:","dev":"qg-ff5f93c6-37","root":true,"options":{"r2q":10}},{"kind":"bfifo","handle":"8001:","dev":"qg-ff5f93c6-37","parent":"7e0c:1","options":{"limit":106250}},{"kind":"ingress","handle":"ffff:","dev":"qg-ff5f93c6-37","parent":"ffff:fff1","options":{}}]
class htb 7e0c:1 root leaf 8001: prio 0 rate 1Mbit ceil 1Mbit burst 100000b cburst 100000b
[{"parent":"7e0c:","protocol":"ip","pref":1,"kind":"u32","chain":0},{"parent":"7e0c:","protocol":"ip","pref":1,"kind":"u32","chain":0,"options":{"fh":"800:","ht_divisor":1}},{"parent":"7e0c:","protocol":"ip","pref":1,"kind":"u32","chain":0,"options":{"fh":"800::1","order":1,"flowid":"7e0c:1","match":{"value":"cb007166","mask":"ffffffff","offmask":"","off":12}}}]
`

describe('limits of addresses', () => {
  const actual: ActualQueue = queueOf(parseTcDump(PRINTED), QUEUE)

  it('are read back, and written when they differ only', () => {
    assert.deepEqual(actual, [{ minor: 1, address: A, rate: '1Mbit', limit: 106_250 }])
    assert.deepEqual(queueLines(QUEUE, actual, new Map([[A, mbit(1)]])), [])
    assert.deepEqual(queueLines(QUEUE, actual, new Map([[A, mbit(2)]])), [
      'class replace dev qg-ff5f93c6-37 parent 7e0c: classid 7e0c:1 htb rate 2000000bit ceil 2000000bit burst 100000 cburst 100000 quantum 3028',
      'qdisc replace dev qg-ff5f93c6-37 parent 7e0c:1 bfifo limit 112500',
    ])
    // another burst shows in what may wait
    assert.equal(queueLines(QUEUE, actual, new Map([[A, { kbps: 1000, burstKb: 801 }]])).length, 2)
    assert.equal(queueOf(parseTcDump(PRINTED), incoming('qg-ff5f93c6-37')), null)
  })

  it('leave the others alone', () => {
    const more = new Map([
      [A, mbit(1)],
      [B, mbit(3)],
    ])
    assert.deepEqual(queueLines(QUEUE, actual, more), [
      'class replace dev qg-ff5f93c6-37 parent 7e0c: classid 7e0c:2 htb rate 3000000bit ceil 3000000bit burst 100000 cburst 100000 quantum 3028',
      'qdisc replace dev qg-ff5f93c6-37 parent 7e0c:2 bfifo limit 118750',
      'filter add dev qg-ff5f93c6-37 parent 7e0c: protocol ip prio 1 handle 800::2 u32 match ip src 203.0.113.103/32 flowid 7e0c:2',
    ])
    assert.deepEqual(queueLines(QUEUE, actual, new Map([[B, mbit(3)]])).slice(-2), [
      'filter del dev qg-ff5f93c6-37 parent 7e0c: protocol ip prio 1 handle 800::1 u32',
      'class del dev qg-ff5f93c6-37 classid 7e0c:1',
    ])
  })

  it('come and go as a whole', () => {
    const [first] = queueLines(incoming('qg-ff5f93c6-37'), null, new Map([[A, mbit(1)]]))
    assert.equal(first, 'qdisc replace dev ifb-ff5f93c6-3 root handle 7e0d: htb default 0 direct_qlen 1000')
    assert.deepEqual(queueLines(QUEUE, actual, new Map()), ['qdisc del dev qg-ff5f93c6-37 root'])
    assert.deepEqual(queueLines(QUEUE, null, new Map()), [])
    assert.equal(ifbName('rfp-635660ae-a'), 'ifb-635660ae-a')
  })

  it('are compared as tc prints them', () => {
    const printed: [number, string][] = [
      [8000, '8Kbit'],
      [1_500_000, '1500Kbit'],
      [1_000_000_000, '1Gbit'],
      [1_234_567_000, '1234Mbit'],
      [999, '999bit'],
    ]
    for (const [bits, text] of printed) assert.equal(rateText(bits), text)
  })
})
