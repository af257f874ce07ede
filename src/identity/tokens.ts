import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A token is a signed statement: base64url(fields | HMAC-SHA256(key, fields)). Nothing is stored for it; what it says of
 * user and scope is looked up again at every use, so that a removed role or a disabled user counts at once.
 *
 * fields: version 1 | methods 1 | issued ms 6 | expires ms 6 | audit id 12 | parent audit id 12 (zeros: none) |
 *         user id | scope type 1 | scope id | application credential's id, with that method only
 *         (ids: length byte, then hex digits packed or text as it is)
 */
export interface TokenClaims {
  readonly userId: string
  readonly scope: TokenScope
  readonly methods: readonly AuthMethod[]
  /** milliseconds since the epoch */
  readonly issued: number
  readonly expires: number
  readonly auditId: string
  /** audit id of the first token of the chain that this one was made from */
  readonly parentAuditId: string | null
  /** the application credential that it was asked for with, if any: the token can do no more than that allows */
  readonly applicationCredentialId: string | null
}

export type AuthMethod = 'password' | 'token' | 'application_credential'

export type TokenScope =
  | { readonly type: 'unscoped' }
  | { readonly type: 'project'; readonly id: string }
  | { readonly type: 'domain'; readonly id: string }

const VERSION = 1
const METHODS: readonly AuthMethod[] = ['password', 'token', 'application_credential']
const SCOPES = ['unscoped', 'project', 'domain'] as const
const MAC_LENGTH = 32
const AUDIT_LENGTH = 12
const HEADER_LENGTH = 2 + 6 + 6 + 2 * AUDIT_LENGTH

export function newAuditId(): string {
  return randomBytes(AUDIT_LENGTH).toString('base64url')
}

export function encodeToken(key: Buffer, claims: TokenClaims): string {
  const header = Buffer.alloc(HEADER_LENGTH)
  header[0] = VERSION
  header[1] = METHODS.reduce((bits, method, i) => (claims.methods.includes(method) ? bits | (1 << i) : bits), 0)
  header.writeUIntBE(claims.issued, 2, 6)
  header.writeUIntBE(claims.expires, 8, 6)
  header.write(claims.auditId, 14, 'base64url')
  if (claims.parentAuditId) header.write(claims.parentAuditId, 14 + AUDIT_LENGTH, 'base64url')
  const scope = Buffer.from([SCOPES.indexOf(claims.scope.type)])
  const scopeId = packId(claims.scope.type === 'unscoped' ? '' : claims.scope.id)
  const credential = claims.applicationCredentialId ? [packId(claims.applicationCredentialId)] : []
  const fields = Buffer.concat([header, packId(claims.userId), scope, scopeId, ...credential])
  return Buffer.concat([fields, sign(key, fields)]).toString('base64url')
}

/** Claims of a genuine token; null when it was not made with `key`. Says nothing of expiry or revocation. */
export function decodeToken(key: Buffer, text: string): TokenClaims | null {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < HEADER_LENGTH + 3 + MAC_LENGTH || text.length > 512) return null
  const fields = bytes.subarray(0, -MAC_LENGTH)
  if (!timingSafeEqual(sign(key, fields), bytes.subarray(-MAC_LENGTH)) || fields[0] !== VERSION) return null
  const user = unpackId(fields, HEADER_LENGTH)
  const scopeType = SCOPES[fields[user.next]!]!
  const scopeId = unpackId(fields, user.next + 1)
  const scope = scopeType === 'unscoped' ? { type: scopeType } : { type: scopeType, id: scopeId.id }
  const parent = fields.subarray(14 + AUDIT_LENGTH, HEADER_LENGTH)
  return {
    userId: user.id,
    scope,
    methods: METHODS.filter((_, i) => fields[1]! & (1 << i)),
    issued: fields.readUIntBE(2, 6),
    expires: fields.readUIntBE(8, 6),
    auditId: fields.toString('base64url', 14, 14 + AUDIT_LENGTH),
    parentAuditId: parent.some((byte) => byte !== 0) ? parent.toString('base64url') : null,
    applicationCredentialId: scopeId.next < fields.length ? unpackId(fields, scopeId.next).id : null,
  }
}

function sign(key: Buffer, fields: Buffer): Buffer {
  return createHmac('sha256', key).update(fields).digest()
}

const PACKED = 0x80

/** Hex ids take half their length, which keeps tokens near 130 characters; others (`default`) go as text. */
function packId(id: string): Buffer {
  const packed = /^([0-9a-f]{2})+$/.test(id)
  const bytes = Buffer.from(id, packed ? 'hex' : 'utf8')
  if (bytes.length > 127) throw new RangeError(`id too long for a token: ${id}`)
  return Buffer.concat([Buffer.from([bytes.length | (packed ? PACKED : 0)]), bytes])
}

function unpackId(fields: Buffer, at: number): { id: string; next: number } {
  const head = fields[at]!
  const next = at + 1 + (head & ~PACKED)
  return { id: fields.toString(head & PACKED ? 'hex' : 'utf8', at + 1, next), next }
}
