import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packetText } from './packet-text.js'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const say = (payload: string, ethernet: string | null = null) =>
  packetText({ prefix: '', ethernet: ethernet === null ? null : hex(ethernet), payload: hex(payload) })

const IPV4 = '4500 003c 9442 4000 3f 06 f277 ac18040a 0a000004'

test('headers in the words of Neutron’s log', () => {
  const tcp = 'bad1 0050 c3cc b29a 00000000 a002 3908 3aeb 0000 0204 05b4'
  assert.equal(
    say(`${IPV4} ${tcp}`, 'fa163eec3632 fa163e50aab5 0800'),
    "ethernet(dst='fa:16:3e:ec:36:32',ethertype=2048,src='fa:16:3e:50:aa:b5'), " +
      "ipv4(csum=62071,dst='10.0.0.4',flags=2,header_length=5,identification=37954,offset=0,option=None,proto=6,src='172.24.4.10',tos=0,total_length=60,ttl=63,version=4), " +
      'tcp(ack=0,bits=2,csum=15083,dst_port=80,offset=10,seq=3284972186,src_port=47825,urgent=0,window_size=14600)',
  )
  const udp = '4500 001c 0001 0000 40 11 0000 0a000001 0a000002 0035 0400 0008 ffff'
  assert.match(say(udp), /, udp\(csum=65535,dst_port=1024,src_port=53,total_length=8\)$/)
  const echo = '4500 001c 0001 0000 40 01 0000 0a000001 0a000002 0800 a1a0 7201 0005'
  assert.match(say(echo), /, icmp\(code=0,csum=41376,data=echo\(id=29185,seq=5\),type=8\)$/)
  const unreachable = '4500 001c 0001 0000 40 01 0000 0a000001 0a000002 0301 a1a0 0000 0000'
  assert.match(say(unreachable), /, icmp\(code=1,csum=41376,type=3\)$/)
})

test('IPv6, past extension headers', () => {
  const addresses = 'fe80 0000 0000 0000 f816 3eff fe08 84a0 ff02 0000 0000 0000 0000 0000 0000 0016'
  assert.equal(
    say(`6000 0000 0024 00 01 ${addresses} 3a00 0502 0000 0100 8f00 32b1 0000 0001`),
    "ipv6(dst='ff02::16',ext_hdrs=[],flow_label=0,hop_limit=1,nxt=0,payload_length=36,src='fe80::f816:3eff:fe08:84a0',traffic_class=0,version=6), icmpv6(code=0,csum=12977,type_=143)",
  )
  assert.match(
    say(`6af1 2345 0008 11 40 ${addresses} 0035 0400 0008 ffff`),
    /flow_label=74565,.*traffic_class=175,.*udp\(/,
  )
})

test('what was cut, or is no first fragment, ends where it ends', () => {
  assert.doesNotMatch(say(`${IPV4} bad1 0050`), /tcp/)
  assert.doesNotMatch(say('4500 003c 9442 0010 3f 06 f277 ac18040a 0a000004 bad10050c3ccb29a00000000a0023908'), /tcp/)
  assert.equal(say('45'), '')
  assert.equal(say(''), '')
  assert.equal(
    say('6000', 'fa163eec3632fa163e50aab586dd'),
    "ethernet(dst='fa:16:3e:ec:36:32',ethertype=34525,src='fa:16:3e:50:aa:b5')",
  )
  assert.doesNotMatch(
    say(
      '6000 0000 0004 00 01 fe80 0000 0000 0000 f816 3eff fe08 84a0 ff02 0000 0000 0000 0000 0000 0000 0016 3a00 0502',
    ),
    /icmp/,
  )
})
