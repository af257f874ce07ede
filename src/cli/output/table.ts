import { displayWidth, pad, wrap } from './text.js'

export type Align = 'left' | 'right'

export interface TableOptions {
  /** per column; left when missing */
  readonly align?: readonly Align[]
  /** columns of the terminal that the whole table may take; wider cells are folded */
  readonly maxWidth?: number
}

/** A cell narrower than this is not folded further, however little room there is. */
const LEAST_CELL = 8

/** A ruled table: header, then rows; every cell has one space on each side and as many lines as its text. */
export function renderTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const natural = columns.map((name, i) => Math.max(...[name, ...rows.map((row) => row[i] ?? '')].map(widestLine)))
  const widths = options.maxWidth ? shrink(natural, options.maxWidth) : natural
  const folded = [columns, ...rows].map((row) => columns.map((_, i) => fold(row[i] ?? '', widths[i] ?? 0)))
  const actual = widths.map((_, i) => Math.max(...folded.map((row) => Math.max(...(row[i] ?? ['']).map(displayWidth)))))
  const rule = `+${actual.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const [header = [], ...body] = folded.map((row) => physicalLines(row, actual, options.align ?? []))
  return [rule, ...header, rule, ...body.flat(), rule].join('\n')
}

function widestLine(text: string): number {
  return text.includes('\n') ? Math.max(...text.split('\n').map(displayWidth)) : displayWidth(text)
}

function fold(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrap(line, Math.max(width, 1)))
}

function physicalLines(cells: readonly string[][], widths: readonly number[], align: readonly Align[]): string[] {
  const height = Math.max(...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) => {
    const texts = cells.map((cell, i) => pad(cell[line] ?? '', widths[i] ?? 0, align[i]))
    return `| ${texts.join(' | ')} |`
  })
}

/** Columns that fit their equal share keep their width; the others divide what remains. */
function shrink(natural: readonly number[], maxWidth: number): number[] {
  const usable = maxWidth - 1 - 3 * natural.length
  if (natural.reduce((sum, width) => sum + width, 0) <= usable) return [...natural]
  const share = Math.floor(usable / natural.length)
  const small = natural.filter((width) => width <= share)
  const rest = usable - small.reduce((sum, width) => sum + width, 0)
  const each = Math.max(LEAST_CELL, Math.floor(rest / (natural.length - small.length)))
  return natural.map((width) => (width <= share ? width : Math.min(width, each)))
}
