import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeToken, encodeToken, newAuditId, type TokenClaims } from './tokens.js'

const key = randomBytes(32)
const id = fc.oneof(fc.stringMatching(/^[0-9a-f]{32}$/), fc.constant('default'), fc.stringMatching(/^[a-z-]{1,40}$/))
const claims: fc.Arbitrary<TokenClaims> = fc.record(
  {
    userId: id,
    scope: fc.oneof(
      fc.constant({ type: 'unscoped' as const }),
      id.map((value) => ({ type: 'project' as const, id: value })),
      id.map((value) => ({ type: 'domain' as const, id: value })),
    ),
    methods: fc.constantFrom(
      ['password'] as const,
      ['token'] as const,
      ['password', 'token', 'application_credential'] as const,
    ),
    issued: fc.integer({ min: 0, max: 4e12 }),
    expires: fc.integer({ min: 0, max: 4e12 }),
    auditId: fc.constant(0).map(newAuditId),
    parentAuditId: fc.option(fc.constant(0).map(newAuditId)),
    applicationCredentialId: fc.option(id),
  },
  { noNullPrototype: true },
)

test('a token says what was put into it', () => {
  fc.assert(fc.property(claims, (wanted) => assert.deepEqual(decodeToken(key, encodeToken(key, wanted)), wanted)))
})

test('a token that was changed anywhere, or made with another key, is none', () => {
  fc.assert(
    fc.property(claims, fc.nat(), fc.integer({ min: 1, max: 255 }), (wanted, at, flip) => {
      const bytes = Buffer.from(encodeToken(key, wanted), 'base64url')
      bytes[at % bytes.length]! ^= flip
      assert.equal(decodeToken(key, bytes.toString('base64url')), null)
      assert.equal(decodeToken(randomBytes(32), encodeToken(key, wanted)), null)
    }),
  )
  for (const text of ['', 'x', 'A'.repeat(1000)]) assert.equal(decodeToken(key, text), null)
})

test('tokens of ordinary ids stay short', () => {
  const hex = 'a'.repeat(32)
  const text = encodeToken(key, {
    userId: hex,
    scope: { type: 'project', id: hex },
    methods: ['password'],
    issued: 1,
    expires: 2,
    auditId: newAuditId(),
    parentAuditId: null,
    applicationCredentialId: null,
  })
  assert.ok(text.length <= 160, `${text.length}`)
})
