import { type ArgSpec, keyOfFlag, type Option, type Positional } from './spec.js'

const WIDTH = 80

/** `usage: neutron net-create [-h] [--tenant-id TENANT_ID] NAME`, folded. */
export function usageText(program: string, spec: ArgSpec): string {
  const options = spec.options.filter((option) => !option.hidden)
  const parts = ['[-h]', ...options.map(optionUsage), ...spec.positionals.map(positionalUsage)]
  return fold(`usage: ${program} `, parts)
}

/** Usage, what the command does, and a line or two per argument. */
export function helpText(program: string, summary: string, spec: ArgSpec): string {
  const options = spec.options.filter((option) => !option.hidden)
  const sections = [usageText(program, spec), '', summary]
  if (spec.positionals.length > 0) {
    sections.push('', 'positional arguments:', ...spec.positionals.map((one) => entry(one.metavar, one.help ?? '')))
  }
  sections.push('', 'options:', entry('-h, --help', 'show this help message and exit'))
  sections.push(...options.map((option) => entry(flagsWithValue(option), optionHelp(option))))
  if (spec.collectUnknown) {
    sections.push(
      '',
      'Any other --name value is passed to the server as it is (type=, list=true and action=clear apply).',
    )
  }
  return `${sections.join('\n')}\n`
}

/** `  --name NAME   text`; the text moves to the next line when the names are long. */
export function entry(left: string, right: string, column = 24): string {
  if (right === '') return `  ${left}`
  return left.length + 4 <= column ? `  ${left.padEnd(column - 2)}${right}` : `  ${left}\n${' '.repeat(column)}${right}`
}

function optionHelp(option: Option): string {
  const repeated = option.repeat ? ' (repeat option for several)' : ''
  return `${option.help ?? ''}${repeated}`
}

function flagsWithValue(option: Option): string {
  const value = valueName(option)
  return option.flags.map((flag) => (value === '' ? flag : `${flag} ${value}`)).join(', ')
}

function valueName(option: Option): string {
  if (option.kind === 'flag' || option.kind === 'maybe-boolean') return ''
  if (option.choices) return `{${option.choices.join(',')}}`
  if (option.metavar) return option.metavar
  if (option.kind === 'boolean') return '{True,False}'
  const long = option.flags.find((flag) => flag.startsWith('--')) ?? option.key
  return keyOfFlag(long).toUpperCase()
}

function optionUsage(option: Option): string {
  const value = valueName(option)
  const use = value === '' ? option.flags[0]! : `${option.flags[0]} ${value}`
  return option.required ? use : `[${use}]`
}

function positionalUsage(positional: Positional): string {
  const name = positional.rest ? `${positional.metavar} [${positional.metavar} ...]` : positional.metavar
  return positional.optional ? `[${name}]` : name
}

function fold(head: string, parts: readonly string[]): string {
  const lines: string[] = []
  let line = head.trimEnd()
  const indent = ' '.repeat(Math.min(head.length, 24))
  for (const part of parts) {
    if (line.length + 1 + part.length > WIDTH && line.trim() !== '') {
      lines.push(line)
      line = `${indent}${part}`
    } else {
      line = `${line} ${part}`
    }
  }
  return [...lines, line].join('\n')
}
