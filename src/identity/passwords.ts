import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, ScryptCost & { maxmem: number }, Buffer>(scrypt)

/** What a hash costs: CPU and memory grow with N (a power of two), memory with r, CPU with p. */
export interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and three passes: one of the sets that OWASP's password storage cheat sheet recommends for scrypt. */
export const DEFAULT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 }

const KEY_LENGTH = 32
const REMEMBER_MS = 5 * 60_000
const REMEMBER_AT_MOST = 1_000

/** Node's limit on scrypt's memory is 32 MiB unless told otherwise. */
const withMemory = (cost: ScryptCost) => ({ ...cost, maxmem: 256 * cost.N * cost.r })

/** `scrypt$N$r$p$salt$key`, salt and key in base64. */
async function hashPassword(password: string, cost: ScryptCost): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, KEY_LENGTH, withMemory(cost))
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$')
}

async function matches(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', key = ''] = hash.split('$')
  if (scheme !== 'scrypt') return false
  const expected = Buffer.from(key, 'base64')
  const cost = withMemory({ N: Number(N), r: Number(r), p: Number(p) })
  const derived = await derive(password, Buffer.from(salt, 'base64'), expected.length, cost)
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
  readonly #cost: ScryptCost
  #decoy: Promise<string> | null = null

  constructor(cost: ScryptCost = DEFAULT_COST) {
    this.#cost = cost
  }

  /** The hash to store. Whoever has just set a password is not kept waiting when using it. */
  async hash(password: string, now = Date.now()): Promise<string> {
    const hash = await hashPassword(password, this.#cost)
    this.#remember(this.#markOf(password, hash), now)
    return hash
  }

  /** Whether a hash was made with another cost than new ones are. */
  isOutdated(hash: string): boolean {
    const { N, r, p } = this.#cost
    return !hash.startsWith(`scrypt$${N}$${r}$${p}$`)
  }

  /** `hash` null (no such user): takes as long as a wrong password, so that names cannot be guessed by the clock. */
  async verify(password: string, hash: string | null, now = Date.now()): Promise<boolean> {
    if (hash === null) {
      this.#decoy ??= hashPassword(randomBytes(16).toString('hex'), this.#cost)
      await matches(password, await this.#decoy)
      return false
    }
    const mark = this.#markOf(password, hash)
    if ((this.#known.get(mark) ?? 0) > now) return true
    if (!(await matches(password, hash))) return false
    this.#remember(mark, now)
    return true
  }

  /** The stored hash is part of it: changing the password forgets the old one. */
  #markOf(password: string, hash: string): string {
    return createHmac('sha256', this.#key).update(hash).update('\0').update(password).digest('base64')
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
