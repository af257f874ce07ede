import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dhcpOptions } from './address-checks.js'
import { dnsDomain, dnsName, relativeDnsName } from './dns-checks.js'

test('names that a name server may be given', () => {
  for (const name of ['', 'vm', 'vm-1', 'VM', '1', 'vm.example.org', 'vm.example.org.', 'a'.repeat(63)])
    assert.equal(dnsName(name), null, name)
  for (const name of ['vm,192.168.1.9', 'vm\nevil', 'a b', '-vm', 'vm-', 'vm..org', '.', 'vm.1', 'a'.repeat(64), 'ä'])
    assert.match(dnsName(name) ?? '', /not a valid PQDN or FQDN\. Reason: /, name)
})

test('options are one line each, and a client id is one word', () => {
  const option = (opt_name: string, opt_value: string | null) => dhcpOptions([{ opt_name, opt_value }])
  assert.equal(option('tftp-server', '192.168.1.8,192.168.1.9'), null)
  assert.equal(option('bootfile-name', null), null)
  assert.equal(option('client-id', '01:02:03'), null)
  assert.match(option('tftp-server', 'x\ntag:subnet-1,option:router,10.0.0.1') ?? '', /control character/)
  assert.match(option('x\n6', 'y') ?? '', /control character/)
  assert.match(option('client-id', 'x,fa:16:3e:00:00:01') ?? '', /comma/)
  assert.match(option('61', 'x y') ?? '', /comma/)
})

test('a domain ends in the root’s dot, a relative name does not', () => {
  assert.equal(dnsDomain('example.org.'), null)
  assert.equal(dnsDomain(''), null)
  assert.equal(dnsDomain('example.org'), "'example.org' is not a FQDN")
  assert.equal(relativeDnsName('host'), null)
  assert.equal(relativeDnsName('host.org.'), "'host.org.' is a FQDN. It should be a relative domain name")
})
