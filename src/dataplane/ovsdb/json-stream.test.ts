import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonStream } from './json-stream.js'

test('values come out whole, however the stream is cut', () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 })
  fc.assert(
    fc.property(objects, fc.array(fc.nat(200), { maxLength: 20 }), (values, cuts) => {
      const text = values.map((value) => JSON.stringify(value)).join('')
      const stream = new JsonStream()
      const ends = [...new Set([...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b)
      let start = 0
      const out = ends.flatMap((end) => {
        const piece = text.slice(start, end)
        start = end
        return stream.push(piece)
      })
      assert.deepEqual(JSON.stringify(out), JSON.stringify(values))
    }),
  )
})

test('braces and quotes inside strings do not end a value', () => {
  assert.deepEqual(new JsonStream().push('{"a":"}\\"]{"} [1]'), [{ a: '}"]{' }, [1]])
})
