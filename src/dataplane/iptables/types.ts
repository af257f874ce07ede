/**
 * What we want in one network namespace for one address family. We own the chains listed here and the jumps from
 * built-in chains to them; every other chain and rule belongs to strangers and is left alone.
 */
export interface RuleSet {
  /** `neutron-openvswi-`, `neutron-l3-agent-`: chains with one of these prefixes are ours, listed or not */
  readonly ownPrefixes: readonly string[]
  readonly tables: Readonly<Record<string, TableRules>>
}

export interface TableRules {
  /** our chains with all their rules, without `-A CHAIN`, in the form that iptables-save prints */
  readonly chains: Readonly<Record<string, readonly string[]>>
  /** rules we keep in built-in chains, as a block at their top (in order) or bottom */
  readonly builtin: Readonly<Record<string, { readonly top?: readonly string[]; readonly bottom?: readonly string[] }>>
}

export type Family = 'ipv4' | 'ipv6'

/** One namespace and family. Reads back with iptables-save, diffs per chain, writes with one iptables-restore --noflush. */
export interface IptablesWriter {
  /**
   * @param audit true: read back now; false: trust what this writer wrote last (it reads the first time anyway)
   * @returns number of iptables-restore runs that changed something (0 or 1)
   */
  apply(desired: RuleSet, audit: boolean): Promise<number>
}
