import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt)

const COST = { N: 16384, r: 8, p: 1 }
const KEY_LENGTH = 32
const REMEMBER_MS = 5 * 60_000
const REMEMBER_AT_MOST = 1_000

/** `scrypt$N$r$p$salt$key`, salt and key in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, KEY_LENGTH, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$')
}

async function matches(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', key = ''] = hash.split('$')
  if (scheme !== 'scrypt') return false
  const expected = Buffer.from(key, 'base64')
  const derived = await derive(password, Buffer.from(salt, 'base64'), expected.length, {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  })
  return timingSafeEqual(derived, expected)
}

/**
 * Checks passwords. scrypt is slow on purpose; a password that was right a moment ago is recognised by an HMAC under a
 * key that only this process has, so that a client that logs in for every command does not wait for scrypt each time.
 */
export class PasswordVerifier {
  readonly #key = randomBytes(32)
  /** HMAC of (stored hash, password) -> until when it is remembered */
  readonly #known = new Map<string, number>()
  #decoy: Promise<string> | null = null

  /** `hash` null (no such user): takes as long as a wrong password, so that names cannot be guessed by the clock. */
  async verify(password: string, hash: string | null, now = Date.now()): Promise<boolean> {
    if (hash === null) {
      this.#decoy ??= hashPassword(randomBytes(16).toString('hex'))
      await matches(password, await this.#decoy)
      return false
    }
    // the stored hash is part of it: changing the password forgets the old one
    const mark = createHmac('sha256', this.#key).update(hash).update('\0').update(password).digest('base64')
    if ((this.#known.get(mark) ?? 0) > now) return true
    if (!(await matches(password, hash))) return false
    this.#remember(mark, now)
    return true
  }

  #remember(mark: string, now: number): void {
    this.#known.delete(mark)
    this.#known.set(mark, now + REMEMBER_MS)
    for (const [old, until] of this.#known) {
      if (until > now && this.#known.size <= REMEMBER_AT_MOST) break
      this.#known.delete(old)
    }
  }
}
