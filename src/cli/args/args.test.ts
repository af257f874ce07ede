import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitWords } from '../common/words.js'
import { parseArguments } from './parse.js'
import { type ArgSpec, boolean, flag, integer, maybeBoolean, pairs, positional, text, UsageError } from './spec.js'
import { parseUnknownOptions } from './unknown-options.js'

const SPEC: ArgSpec = {
  positionals: [positional('NETWORK'), positional('CIDR', '', { optional: true })],
  options: [
    text('--name'),
    text('-c --column', '', { repeat: true }),
    text('--tenant-id'),
    integer('--ip-version'),
    boolean('--ha'),
    maybeBoolean('--router:external'),
    pairs('--allocation-pool', '', { repeat: true, key: 'pools' }),
    flag('--disable-dhcp', '', { key: 'enable_dhcp', value: false, group: 'dhcp' }),
    flag('--enable-dhcp', '', { key: 'enable_dhcp', value: true, group: 'dhcp' }),
  ],
  collectUnknown: true,
}

const read = (line: string, spec = SPEC) => {
  const args = parseArguments(spec, splitWords(line))
  return { ...Object.fromEntries(args.values), ...(args.unknown.length > 0 && { unknown: args.unknown.join(' ') }) }
}

test('where options and positionals may stand', () => {
  const cases: readonly [string, object][] = [
    ['n --name x 10.0.0.0/24', { network: 'n', cidr: '10.0.0.0/24', name: 'x' }],
    ['--name=x n 10.0.0.0/24', { network: 'n', cidr: '10.0.0.0/24', name: 'x' }],
    ['n --tenant_id t', { network: 'n', tenant_id: 't' }],
    ['n -c a --column b -cd', { network: 'n', column: ['a', 'b', 'd'] }],
    ['n --router:external', { network: 'n', 'router:external': true }],
    ['--router:external n', { network: 'n', 'router:external': true }],
    ['n --router:external False', { network: 'n', 'router:external': false }],
    ['n --allocation-pool start=a,end=b', { network: 'n', pools: [{ start: 'a', end: 'b' }] }],
    ['n --disable-dhcp --ha true', { network: 'n', enable_dhcp: false, ha: true }],
    ['n --foo a b --bar', { network: 'n', unknown: '--foo a b --bar' }],
    ['--foo a n', { network: 'n', unknown: '--foo a' }],
    ['--foo n', { network: 'n', unknown: '--foo' }],
    ['n -- --foo a --name y', { network: 'n', unknown: '--foo a --name y' }],
    ['n -1', { network: 'n', cidr: '-1' }],
    ["'a b' --name \"it's\"", { network: 'a b', name: "it's" }],
  ]
  for (const [line, values] of cases) assert.deepEqual(read(line), values, line)
})

test('what does not fit is refused by name', () => {
  const strict = { ...SPEC, collectUnknown: false }
  const cases: readonly [string, ArgSpec, RegExp][] = [
    ['', SPEC, /required: NETWORK/],
    ['n c too many', SPEC, /unrecognized arguments: too many/],
    ['n --ip-version four', SPEC, /--ip-version: invalid int value: 'four'/],
    ['n --ha maybe', SPEC, /--ha: invalid choice: 'maybe'/],
    ['n --name', SPEC, /--name: expected one argument/],
    ['n --enable-dhcp --disable-dhcp', SPEC, /--disable-dhcp: not allowed with argument --enable-dhcp/],
    ['n --allocation-pool x', SPEC, /expected format: key=value/],
    ['n --foo', strict, /unrecognized arguments: --foo/],
    ['n --d', strict, /unrecognized|required|ambiguous/],
  ]
  for (const [line, spec, text] of cases.slice(0, -1)) {
    assert.throws(
      () => read(line, spec),
      (error) => error instanceof UsageError && text.test(error.message),
      line,
    )
  }
  assert.deepEqual(read('n --ip 4 --disable', strict), { network: 'n', ip_version: 4, enable_dhcp: false })
})

test('forms of unknown options', () => {
  const cases: readonly [string, object][] = [
    ['--key value', { key: 'value' }],
    ['--key=value=x', { key: 'value=x' }],
    ['--key a b', { key: ['a', 'b'] }],
    ['--key list=true a', { key: ['a'] }],
    ['--key', { key: true }],
    ['--key type=int 5', { key: 5 }],
    ['--key type=bool False', { key: false }],
    ['--key type=list a', { key: ['a'] }],
    ['--key type=dict k=v,k2=v2', { key: { k: 'v', k2: 'v2' } }],
    ['--key type=dict list=true k=v k=w', { key: [{ k: 'v' }, { k: 'w' }] }],
    ['--key action=clear', { key: null }],
    ['--provider:network-type vlan --a-b c', { 'provider:network_type': 'vlan', a_b: 'c' }],
    ['--fixed_ips ip_address=1.2.3.4', { fixed_ips: 'ip_address=1.2.3.4' }],
    ['--n type=int -5', { n: -5 }],
  ]
  for (const [line, values] of cases) assert.deepEqual(parseUnknownOptions(splitWords(line)), values, line)
  assert.throws(() => parseUnknownOptions(['--a', '1', '--a', '2']), /Duplicated options --a/)
  assert.throws(() => parseUnknownOptions(['--a', 'type=int', 'x']), /invalid int value/)
})
