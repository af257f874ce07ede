import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { test } from 'node:test'
import { fingerprintOf, generateSshKey } from './keypair.js'

test('the two halves of a generated key belong together', async () => {
  const { publicKey, privateKey } = await generateSshKey()
  const [kind, blob = ''] = publicKey.split(' ')
  assert.equal(kind, 'ssh-rsa')
  const parts: Buffer[] = []
  for (let bytes = Buffer.from(blob, 'base64'); bytes.length > 0; bytes = bytes.subarray(4 + bytes.readUInt32BE(0)))
    parts.push(bytes.subarray(4, 4 + bytes.readUInt32BE(0)))
  assert.equal(parts[0]?.toString(), 'ssh-rsa')
  const [e, n] = parts.slice(1).map((part) => part.toString('base64url'))
  assert.equal(parts[2]![0], 0, 'a modulus has its highest bit set, and is positive all the same')
  const key = createPublicKey({ key: { kty: 'RSA', e: e!, n: n! }, format: 'jwk' })
  const text = Buffer.from('hello')
  assert.ok(verify('sha256', text, key, sign('sha256', text, createPrivateKey(privateKey))))
})

test('fingerprints are those of ssh-keygen -l -E md5', () => {
  const blob =
    'AAAAB3NzaC1yc2EAAAADAQABAAAAgQC2eN8fBnGocdOf274I9vWJAHVrdfAh7rq/JB6CEF2znaqhLF73D3KsJrm+iqnleZT0rKl19+6dgPl15phLNdJNyDlpal3xsvlovlY/athV+Jvr+DvEZt4L6vFZ0W67DpUA5DQdj5PMlRfQVJy7e5BeAut1SJC2EWGIZ+2fUvusAw=='
  assert.equal(fingerprintOf(`ssh-rsa ${blob} me`), '7b:c3:6e:a8:0e:7b:fe:cd:7c:dc:27:0b:6c:88:b9:b0')
  assert.equal(fingerprintOf('ssh-rsa'), null)
})
