import type { InterfaceAddress } from '../ip/types.js'

/** An address that only the active host has. */
export interface VirtualAddress {
  /** with its prefix length */
  readonly address: InterfaceAddress
  readonly device: string
}

/** A route that only the active host has. */
export interface VirtualRoute {
  /** a prefix, also a single address with its length */
  readonly destination: string
  /** null: on-link */
  readonly via: string | null
  readonly device: string
}

/** One router's instance of VRRP on a host: who is active is decided among the hosts with the same number on a network. */
export interface VrrpSpec {
  readonly routerId: string
  /** VRID, 1 to 254 */
  readonly vrId: number
  /** by which the hosts hear each other, `ha-…` */
  readonly device: string
  /** the address of `device` by which one sees who is active; it never changes */
  readonly primary: InterfaceAddress
  readonly addresses: readonly VirtualAddress[]
  readonly routes: readonly VirtualRoute[]
  /** seconds between announcements of the active one */
  readonly advertInterval: number
  readonly authentication: { readonly type: 'AH' | 'PASS'; readonly password: string } | null
}

/** Absolute paths of what one instance has (Neutron's names; `notify` is ours). */
export interface VrrpPaths {
  readonly directory: string
  readonly config: string
  /** FIFO to which keepalived writes each state that it enters */
  readonly notify: string
  /** stands while keepalived has not been told of the configuration */
  readonly reload: string
  readonly pidFile: string
  readonly vrrpPidFile: string
}

/** @param confs `ha_confs_path` */
export function vrrpPaths(confs: string, routerId: string): VrrpPaths {
  const directory = `${confs}/${routerId}`
  return {
    directory,
    config: `${directory}/keepalived.conf`,
    notify: `${directory}/notify`,
    reload: `${directory}/keepalived.conf.reload`,
    pidFile: `${directory}.pid.keepalived`,
    vrrpPidFile: `${directory}.pid.keepalived-vrrp`,
  }
}

const PRIORITY = 50
const GARP_DELAY = 60

/**
 * keepalived.conf(5) as Neutron writes it: all hosts are equal, and one that is active stays it. Only the primary address
 * is in the announcements; the others are "excluded", so that a change of them is no change of the instance.
 */
export function keepalivedConfig(spec: VrrpSpec, { notify }: VrrpPaths): string {
  const { vrId, device, primary, addresses, routes, advertInterval } = spec
  return text([
    block('global_defs', [
      'notification_email_from neutron@openstack.local',
      'router_id neutron',
      `vrrp_notify_fifo ${notify}`,
    ]),
    block(`vrrp_instance VR_${vrId}`, [
      'state BACKUP',
      `interface ${device}`,
      `virtual_router_id ${vrId}`,
      `priority ${PRIORITY}`,
      `garp_master_delay ${GARP_DELAY}`,
      'nopreempt',
      `advert_int ${advertInterval}`,
      ...authentication(spec),
      block('track_interface', [device]),
      block('virtual_ipaddress', [`${primary} dev ${device}`]),
      ...optionalBlock('virtual_ipaddress_excluded', addresses.map(addressLine).sort()),
      ...optionalBlock('virtual_routes', routes.map(routeLine)),
    ]),
  ])
}

interface Block {
  readonly head: string
  readonly lines: readonly Line[]
}

type Line = string | Block

const block = (head: string, lines: readonly Line[]): Block => ({ head, lines })
const optionalBlock = (head: string, lines: readonly Line[]) => (lines.length > 0 ? [block(head, lines)] : [])

function text(lines: readonly Line[], indent = ''): string {
  return lines
    .map((line) =>
      typeof line === 'string'
        ? `${indent}${line}\n`
        : `${indent}${line.head} {\n${text(line.lines, `${indent}    `)}${indent}}\n`,
    )
    .join('')
}

function authentication({ authentication }: VrrpSpec): Line[] {
  if (!authentication) return []
  return [block('authentication', [`auth_type ${authentication.type}`, `auth_pass ${authentication.password}`])]
}

// not tracked: a device of one subnet that is down is no reason to move the whole router

const addressLine = ({ address, device }: VirtualAddress) =>
  `${address} dev ${device}${address.startsWith('fe80:') ? ' scope link' : ''} no_track`

const routeLine = ({ destination, via, device }: VirtualRoute) =>
  `${destination} ${via === null ? `dev ${device} scope link` : `via ${via} dev ${device}`} no_track protocol static`
