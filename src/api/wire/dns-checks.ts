import type { Check } from '../resources/definition.js'
import { checking, type Schema } from './schema.js'

const LONGEST = 255
/** with the root's dot */
const NAME: Schema = { type: 'string', maxLength: LONGEST + 1 }
const LABEL = /^[a-z0-9-]{1,63}$/i

/** Host or domain name (RFC 952, RFC 1123 2.1), relative or with the root's dot; '' stands for none (Neutron: `dns_host_name`). */
export const dnsName: Check = checking(NAME, (value) => {
  if (typeof value !== 'string') return `'${String(value)}' is not a valid string`
  const reason = value === '' ? null : problemOf(value.replace(/\.$/, ''))
  return reason === null ? null : `'${value}' not a valid PQDN or FQDN. Reason: ${reason}`
})

function problemOf(name: string): string | null {
  if (name.length > LONGEST) return `'${name}' exceeds the ${LONGEST} character FQDN limit`
  const labels = name.split('.')
  for (const label of labels) {
    if (label === '') return 'Encountered an empty component'
    if (label.startsWith('-') || label.endsWith('-')) return `Name '${label}' must not start or end with a hyphen`
    if (!LABEL.test(label))
      return `Name '${label}' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen`
  }
  const last = labels.at(-1)!
  return labels.length > 1 && /^[0-9]+$/.test(last) ? `TLD '${last}' must not be all numeric` : null
}

/** A name relative to a domain (that of a floating IP); '' for none. */
export const relativeDnsName: Check = checking(
  NAME,
  (value) =>
    dnsName(value) ??
    (String(value).endsWith('.') ? `'${value}' is a FQDN. It should be a relative domain name` : null),
)

/** A domain, with the root's dot; '' for none. */
export const dnsDomain: Check = checking(
  { ...NAME, pattern: '^$|\\.$' },
  (value) => dnsName(value) ?? (value === '' || String(value).endsWith('.') ? null : `'${value}' is not a FQDN`),
)
