import { COLUMNS, type Row } from './matrix.js'

/** The matrix for a terminal: a line per combination, a column per check (milliseconds, or FAILED), then every reason. */
export function matrixTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ title }) => title.length), 'combination'.length)
  const header = `  ${'combination'.padEnd(width)}  ${COLUMNS.join('  ')}  all`
  const lines = rows.map((row) => {
    const cells = COLUMNS.map((name) => {
      const cell = row.cells.find((one) => one.name === name)
      const text = !cell ? '-' : cell.reason === null ? `${cell.ms}` : 'FAILED'
      return text.padStart(name.length)
    })
    return `  ${row.title.padEnd(width)}  ${cells.join('  ')}  ${row.ok ? 'passed' : 'FAILED'}`
  })
  const reasons = rows.flatMap(({ title, cells }) =>
    cells.flatMap(({ name, reason }) => (reason === null ? [] : [`  ${title}: ${name}: ${reason}`])),
  )
  const passed = rows.filter(({ ok }) => ok).length
  const seconds = (rows.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1)
  const total = `  ${passed} of ${rows.length} combinations passed in ${seconds} s (columns: milliseconds)`
  return `${[header, ...lines, '', ...reasons, total].join('\n')}\n`
}
