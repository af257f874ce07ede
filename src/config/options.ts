import { readFileSync } from 'node:fs'
import { type IniData, parseIni } from './ini.js'

/** An option's type: parses the text of a file, says what it expected when that fails. */
export interface Option<T> {
  readonly parse: (values: readonly string[]) => T
  readonly fallback: T
  /** accepted, has no effect any more; the text says what to do instead */
  readonly deprecated?: string
  /** older names of the option in the same section, each warned about */
  readonly aliases?: readonly string[]
}

type Sections = Record<string, Record<string, Option<unknown>>>

/** Values by section and option, as the option table types them. */
export type ConfigOf<S extends Sections> = {
  readonly [Name in keyof S]: {
    readonly [Key in keyof S[Name]]: S[Name][Key] extends Option<infer T> ? T : never
  }
}

export interface LoadedConfig<S extends Sections> {
  readonly values: ConfigOf<S>
  /** deprecated options that were used */
  readonly warnings: readonly string[]
  readonly files: readonly string[]
}

export class ConfigError extends Error {
  override name = 'ConfigError'
}

const last = (values: readonly string[]) => values[values.length - 1] ?? ''

export function str(fallback: string, extra: Partial<Option<string>> = {}): Option<string> {
  return { parse: last, fallback, ...extra }
}

export function optionalStr(extra: Partial<Option<string | null>> = {}): Option<string | null> {
  return { parse: (values) => last(values) || null, fallback: null, ...extra }
}

export function int(fallback: number, extra: Partial<Option<number>> = {}): Option<number> {
  return {
    parse: (values) => {
      if (!/^-?\d+$/.test(last(values))) throw new ConfigError(`'${last(values)}' is not an integer`)
      return Number(last(values))
    },
    fallback,
    ...extra,
  }
}

export function bool(fallback: boolean, extra: Partial<Option<boolean>> = {}): Option<boolean> {
  return {
    parse: (values) => {
      const text = last(values).toLowerCase()
      if (['true', '1', 'on', 'yes'].includes(text)) return true
      if (['false', '0', 'off', 'no'].includes(text)) return false
      throw new ConfigError(`'${last(values)}' is not a boolean`)
    },
    fallback,
    ...extra,
  }
}

/** `a,b , c`; repeated options are joined. */
export function list(
  fallback: readonly string[],
  extra: Partial<Option<readonly string[]>> = {},
): Option<readonly string[]> {
  return { parse: splitList, fallback, ...extra }
}

function splitList(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(/[,\n]/))
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** `key:value,key2:value2` (bridge_mappings). */
export function dict(
  extra: Partial<Option<Readonly<Record<string, string>>>> = {},
): Option<Readonly<Record<string, string>>> {
  return {
    parse: (values) =>
      Object.fromEntries(
        splitList(values).map((item) => {
          const [key = '', value = ''] = item.split(':').map((part) => part.trim())
          if (!key || !value) throw new ConfigError(`'${item}' is not 'key:value'`)
          return [key, value]
        }),
      ),
    fallback: {},
    ...extra,
  }
}

export function oneOf<const T extends string>(
  choices: readonly T[],
  fallback: T,
  extra: Partial<Option<T>> = {},
): Option<T> {
  return {
    parse: (values) => {
      const found = choices.find((choice) => choice === last(values))
      if (!found) throw new ConfigError(`'${last(values)}' is not one of ${choices.join(', ')}`)
      return found
    },
    fallback,
    ...extra,
  }
}

/** An option of an older release that is read and has no effect. */
export function ignored(why: string): Option<string> {
  return { parse: last, fallback: '', deprecated: why }
}

/**
 * Reads `files` in order (later values win), checks every declared option, freezes the result. Unknown options
 * are left alone: several services share one file. A missing file is an error only when it was named by the user.
 */
export function loadConfig<S extends Sections>(
  table: S,
  files: readonly { path: string; required: boolean }[],
): LoadedConfig<S> {
  const read = files.flatMap(({ path, required }) => readFile(path, required))
  return { ...resolveConfig(table, read), files: read.map(({ path }) => path) }
}

function readFile(path: string, required: boolean): { path: string; data: IniData }[] {
  try {
    return [{ path, data: parseIni(readFileSync(path, 'utf8'), path) }]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !required) return []
    throw error
  }
}

/** The pure part of `loadConfig`. */
export function resolveConfig<S extends Sections>(
  table: S,
  files: readonly { path: string; data: IniData }[],
): { values: ConfigOf<S>; warnings: string[] } {
  const warnings: string[] = []
  const values: Record<string, Record<string, unknown>> = {}
  for (const [section, options] of Object.entries(table)) {
    const resolved: Record<string, unknown> = {}
    for (const [name, option] of Object.entries(options)) {
      resolved[name] = option.fallback
      for (const { path, data } of files) {
        for (const key of [...(option.aliases ?? []), name]) {
          const found = data.get(section)?.get(key)
          if (!found) continue
          if (option.deprecated) warnings.push(`${path}: [${section}] ${key} has no effect: ${option.deprecated}`)
          else if (key !== name) warnings.push(`${path}: [${section}] ${key} is now called ${name}`)
          try {
            resolved[name] = option.parse(found)
          } catch (error) {
            throw new ConfigError(`${path}: [${section}] ${key}: ${(error as Error).message}`)
          }
        }
      }
    }
    values[section] = Object.freeze(resolved)
  }
  return { values: Object.freeze(values) as ConfigOf<S>, warnings }
}

/** `--config-file PATH` (repeatable) of a daemon's command line, or its usual files when none is named. */
export function configFiles(argv: readonly string[], usual: readonly string[]): { path: string; required: boolean }[] {
  const named: string[] = []
  for (const [index, arg] of argv.entries()) {
    if (arg === '--config-file' && argv[index + 1]) named.push(argv[index + 1]!)
    else if (arg.startsWith('--config-file=')) named.push(arg.slice('--config-file='.length))
  }
  return named.length > 0
    ? named.map((path) => ({ path, required: true }))
    : usual.map((path) => ({ path, required: false }))
}
