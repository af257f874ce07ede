import { ConfigError, list, type Option } from './options.js'

/** Neutron's default: what kernels have. */
const ALLOWED = [
  'amanda:tcp',
  'ftp:tcp',
  'h323:udp',
  'h323:tcp',
  'irc:tcp',
  'netbios-ns:udp',
  'pptp:tcp',
  'sane:tcp',
  'sip:udp',
  'sip:tcp',
  'snmp:udp',
  'tftp:udp',
]

/** `ftp:tcp,tftp:udp`: helpers of the kernel that users may ask for, with their protocols. */
export function conntrackHelpers(): Option<readonly string[]> {
  const pairs = list(ALLOWED)
  return {
    ...pairs,
    parse: (values) => {
      const parsed = pairs.parse(values)
      const wrong = parsed.find((pair) => !/^[\w-]+:[a-z]+$/.test(pair))
      if (wrong !== undefined) throw new ConfigError(`'${wrong}' is not 'helper:protocol'`)
      return parsed
    },
  }
}
