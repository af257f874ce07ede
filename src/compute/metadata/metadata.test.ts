import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identify, type MetadataFault, signInstanceId } from './request.js'
import { lookUp } from './tree.js'

const secret = 'METADATA_SECRET'
const id = '05682b91-81a1-464c-8f40-8b3da7ee92c5'
const headers = { 'x-instance-id': id, 'x-tenant-id': 'p', 'x-instance-id-signature': signInstanceId(secret, id) }
const status = (given: Record<string, string>) => {
  try {
    identify(given, secret)
    return 200
  } catch (error) {
    return (error as MetadataFault).status
  }
}

test('the signature is the hex HMAC-SHA256 of the instance id', () => {
  assert.equal(
    signInstanceId('key', 'The quick brown fox jumps over the lazy dog'),
    'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
  )
  assert.deepEqual(identify(headers, secret), { instanceId: id, projectId: 'p' })
})

test('missing headers are 400, wrong signatures 403', () => {
  assert.equal(status({}), 400)
  assert.equal(status({ ...headers, 'x-tenant-id': '' }), 400)
  assert.equal(status({ 'x-instance-id': id, 'x-tenant-id': 'p' }), 403)
  assert.equal(status({ ...headers, 'x-instance-id-signature': signInstanceId('other', id) }), 403)
  assert.equal(status({ ...headers, 'x-instance-id': 'another' }), 403)
})

test('a tree is listed by directory and read by leaf', () => {
  const tree = {
    keys: { 0: { _name: '0=mine', 'openssh-key': 'ssh-rsa' } },
    hidden: { _name: '', x: 'y' },
    latest: { 'meta-data': { hostname: 'vm1', placement: { 'availability-zone': 'nova' } }, 'user-data': undefined },
  }
  assert.equal(lookUp(tree, '/latest/meta-data/'), 'hostname\nplacement/')
  assert.equal(lookUp(tree, '/latest/meta-data/placement/availability-zone'), 'nova')
  assert.equal(lookUp(tree, '/latest'), 'meta-data/')
  assert.equal(lookUp(tree, '/keys/'), '0=mine')
  assert.equal(lookUp(tree, '/keys/0/openssh-key'), 'ssh-rsa')
  assert.equal(lookUp(tree, '/'), 'keys/\nlatest/')
  assert.equal(lookUp(tree, '/hidden/x'), 'y')
  for (const path of [
    '/keys/0/_name',
    '/latest/user-data',
    '/nothing',
    '/latest/meta-data/hostname/x',
    '/constructor',
    '/latest/__proto__',
  ])
    assert.equal(lookUp(tree, path), null, path)
})
