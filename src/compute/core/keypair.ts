import { createHash, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

export interface GeneratedKey {
  /** one line, as in authorized_keys (RFC 4253, 6.6) */
  readonly publicKey: string
  /** PEM (PKCS #1), given once and kept nowhere */
  readonly privateKey: string
}

/** An RSA key of 2048 bits, as Nova makes them for those who bring none. */
export async function generateSshKey(): Promise<GeneratedKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 })
  const { e, n } = publicKey.export({ format: 'jwk' })
  const blob = Buffer.concat([Buffer.from('ssh-rsa'), number(e!), number(n!)].flatMap((part) => [lengthOf(part), part]))
  return {
    publicKey: `ssh-rsa ${blob.toString('base64')} Generated-by-Nova`,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs1' }) as string,
  }
}

/** MD5 of a public key, as `ssh-keygen -l -E md5` prints it; null: it is none. */
export function fingerprintOf(key: string): string | null {
  const blob = key.trim().split(/\s+/)[1]
  if (!blob || !/^[A-Za-z0-9+/]+=*$/.test(blob)) return null
  return createHash('md5').update(Buffer.from(blob, 'base64')).digest('hex').match(/../g)!.join(':')
}

/** An mpint (RFC 4251, 5): a leading zero keeps it positive. */
function number(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url')
  return bytes[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(part.length)
  return length
}
