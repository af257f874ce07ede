import type { ParsedArgs } from '../args/parsed.js'
import type { Option } from '../args/spec.js'

/** Attributes that options stand for: an option's key is the attribute; keys beginning with `_` are none. */
export function attributesOf(options: readonly Option[], args: ParsedArgs): Record<string, unknown> {
  const keys = options.map((option) => option.key).filter((key) => !key.startsWith('_') && args.has(key))
  return Object.fromEntries(keys.map((key) => [key, args.get(key)]))
}
