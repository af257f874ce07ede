import { CommandError } from '../command/command-error.js'
import type { Host } from '../command/host.js'

/** sysctl(8) ends with the number of keys it could not read or set. */
const ANY_COUNT = Array.from({ length: 127 }, (_, code) => code)

type Values = Readonly<Record<string, string>>

/** Current values of `keys` in a namespace; keys that the kernel does not have are left out. */
export async function readSysctls(host: Host, netns: string, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const argv = ['sysctl', ...keys]
  const { stdout, stderr, code } = await host.run(argv, { netns, okCodes: ANY_COUNT })
  if (code !== 0 && stdout === '') throw new CommandError(argv, code, stderr)
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const pair = line.match(/^(\S+) = (.*)$/)
      return pair ? [[pair[1]!, pair[2]!.trim()] as const] : []
    }),
  )
}

/**
 * Sets all values with one command. Keys under `net.netfilter` exist only while connection tracking is loaded, those
 * under `net.ipv6` only where the kernel has IPv6: they are set when they can be. Any other key that cannot be set is
 * an error (after the rest was set).
 */
export async function writeSysctls(host: Host, netns: string, values: Values): Promise<void> {
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  if (pairs.length === 0) return
  const argv = ['sysctl', '-q', '-w', ...pairs]
  const { code, stderr } = await host.run(argv, { netns, okCodes: ANY_COUNT })
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '' && !/net\/(netfilter|ipv6)\//.test(line))
  if (code !== 0 && complaints.length > 0) throw new CommandError(argv, code, complaints.join('\n'))
}

/** What has to be set to get from `actual` to `desired`. */
export function diffSysctls(actual: ReadonlyMap<string, string>, desired: Values): Values {
  return Object.fromEntries(Object.entries(desired).filter(([key, value]) => actual.get(key) !== value))
}

/** Keys that a kernel may lack. */
export const isOptionalSysctl = (key: string) => /^net\.(netfilter|ipv6)\./.test(key)
