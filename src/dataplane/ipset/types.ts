/** A set of type hash:net. Members as `ipset save` prints them: host addresses without a length. */
export interface IpSet {
  readonly name: string
  readonly family: 'ipv4' | 'ipv6'
  readonly members: readonly string[]
}
