import { plainText } from './value.js'

export type QuoteMode = 'all' | 'minimal' | 'none' | 'nonnumeric'
export const QUOTE_MODES: readonly QuoteMode[] = ['all', 'minimal', 'none', 'nonnumeric']

/** Header and rows as comma-separated values. */
export function renderCsv(columns: readonly string[], rows: readonly (readonly unknown[])[], mode: QuoteMode): string {
  return [columns, ...rows].map((row) => row.map((cell) => field(cell, mode)).join(',')).join('\n')
}

function field(cell: unknown, mode: QuoteMode): string {
  const text = plainText(cell)
  const quoted = () => `"${text.replaceAll('"', '""')}"`
  if (mode === 'none') return text.replace(/[\\,"\n]/g, (character) => `\\${character}`)
  if (mode === 'all' || /[",\n]/.test(text)) return quoted()
  return mode === 'nonnumeric' && typeof cell !== 'number' ? quoted() : text
}
