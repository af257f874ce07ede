import type { ExtraDhcpOpt } from '../../model/cloud.js'

interface AskedOption {
  readonly opt_name: string
  readonly opt_value?: string | null
  readonly ip_version?: number | null
}

const keyOf = ({ name, ipVersion }: ExtraDhcpOpt) => `${name}/${ipVersion}`

/**
 * `asked` on top of what the port has: an option with a value replaces one of the same name and version, one with
 * the value null removes it.
 */
export function mergeDhcpOptions(current: readonly ExtraDhcpOpt[], asked: readonly AskedOption[]): ExtraDhcpOpt[] {
  const options = new Map(current.map((option) => [keyOf(option), option]))
  for (const { opt_name, opt_value, ip_version } of asked) {
    const option: ExtraDhcpOpt = { name: opt_name, value: opt_value ?? '', ipVersion: ip_version === 6 ? 6 : 4 }
    if (opt_value === null || opt_value === undefined) options.delete(keyOf(option))
    else options.set(keyOf(option), option)
  }
  return [...options.values()]
}
