import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatList, formatOne, NEUTRON_STYLE, OPENSTACK_STYLE } from './format.js'
import type { OutputOptions } from './options.js'
import type { ListResult } from './result.js'
import { renderTable } from './table.js'
import { spacedJson } from './value.js'
import { renderYaml } from './yaml.js'

const OPTIONS: OutputOptions = {
  format: 'table',
  columns: [],
  quote: 'nonnumeric',
  indent: true,
  prefix: '',
  printEmpty: false,
  allAttributes: false,
}

test('cells of several lines, wide characters, numbers to the right', () => {
  assert.equal(
    renderTable(
      ['a', 'n'],
      [
        ['x\nyy', '5'],
        ['表', '10'],
      ],
      { align: ['left', 'right'] },
    ),
    ['+----+----+', '| a  |  n |', '+----+----+', '| x  |  5 |', '| yy |    |', '| 表 | 10 |', '+----+----+'].join(
      '\n',
    ),
  )
})

test('--max-width folds the widest columns', () => {
  const table = renderTable(['id', 'text'], [['1', 'one two three four five six seven']], { maxWidth: 30 })
  assert.equal(Math.max(...table.split('\n').map((line) => line.length)) <= 30, true)
  assert.match(table, /\| 1 {2}\| one two three four +\|\n\| {4}\| five six seven +\|/)
  const cut = renderTable(['x'], [['a'.repeat(30)]], { maxWidth: 20 })
  assert.equal(cut.split('\n').length, 6)
})

const LIST: ListResult = {
  kind: 'list',
  columns: ['id', 'n', 'text'],
  rows: [
    ['a', 5, 'x "y"'],
    ['b', null, 'line\nbreak'],
  ],
  more: [{ extra: 1 }, { extra: 2 }],
}

test('formats of lists', () => {
  const list = (options: Partial<OutputOptions>) => formatList(LIST, { ...OPTIONS, ...options }, NEUTRON_STYLE)
  assert.equal(list({ format: 'csv' }), '"id","n","text"\n"a",5,"x ""y"""\n"b","","line\nbreak"')
  assert.equal(list({ format: 'csv', quote: 'minimal', columns: ['n', 'id'] }), 'n,id\n5,a\n,b')
  assert.equal(list({ format: 'value', columns: ['id', 'extra'] }), 'a 1\nb 2')
  assert.equal(list({ format: 'json', indent: false, columns: ['n'] }), '[{"n":5},{"n":null}]')
  assert.equal(list({ format: 'yaml', columns: ['id', 'n'] }), '- id: a\n  n: 5\n- id: b\n  n: null')
  assert.equal(list({ format: 'value', columns: ['id'], sortColumns: ['N', 'id'], descending: true }), 'b\na')
  assert.equal(list({ format: 'value', columns: ['extra'], sortColumns: ['text'] }), '2\n1')
  assert.throws(() => list({ columns: ['nothing'] }), /No recognized column names in \['nothing'\]/)
  assert.equal(formatList({ kind: 'list', columns: [], rows: [] }, OPTIONS, NEUTRON_STYLE), '')
})

test('formats of one record', () => {
  const fields = [
    { name: 'a:b', value: null },
    { name: 'c', value: 'q"$' },
    { name: 'new', value: true, extra: true },
  ]
  const one = (options: Partial<OutputOptions>, style = NEUTRON_STYLE) =>
    formatOne({ kind: 'one', title: 'Title:', fields }, { ...OPTIONS, ...options }, style)
  assert.match(one({}), /^Title:\n\+/)
  assert.doesNotMatch(one({}), /new/)
  assert.equal(one({ format: 'value' }, OPENSTACK_STYLE), 'None\nq"$')
  assert.equal(one({ format: 'shell', prefix: 'p_' }), 'p_a_b=""\np_c="q\\"\\$"\np_new="True"')
  assert.equal(one({ format: 'value', columns: ['new'] }), 'True')
  assert.deepEqual(JSON.parse(one({ format: 'json' })), { 'a:b': null, c: 'q"$', new: true })
})

test('JSON as the old client spaced it', () => {
  assert.equal(spacedJson({ a: [1, 'x'], b: null, c: {} }), '{"a": [1, "x"], "b": null, "c": {}}')
})

test('YAML that reads back as the same values', () => {
  const text = renderYaml({ a: 'yes', b: '1', c: 'x: y', d: [], e: [{ f: 1, g: ['h'] }], i: { j: "it's" }, k: 'a\nb' })
  assert.equal(
    text,
    ["a: 'yes'", "b: '1'", "c: 'x: y'", 'd: []', 'e:', '- f: 1', '  g:', '  - h', 'i:', "  j: it's", 'k: "a\\nb"'].join(
      '\n',
    ),
  )
})
