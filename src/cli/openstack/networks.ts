import { boolean, flag, integer, type Option, text } from '../args/spec.js'
import type { Commands } from '../common/command.js'
import { externalInternal, upDown } from './cells.js'
import { deleteCommand, listCommand, NAME_FILTERS, type Resource, showCommand } from './resource.js'
import { unsetCommand } from './unset.js'
import { changeCommand, createCommand } from './write.js'

export const NETWORK: Resource = {
  path: 'networks',
  metavar: 'network',
  cells: { admin_state_up: upDown, 'router:external': externalInternal },
  renamed: { vlan_transparent: 'is_vlan_transparent' },
}

const SETTABLE: readonly Option[] = [
  flag('--enable', 'administratively up', { key: 'admin_state_up', value: true, group: 'state' }),
  flag('--disable', 'administratively down', { key: 'admin_state_up', value: false, group: 'state' }),
  flag('--share', 'share it with all projects', { key: 'shared', value: true, group: 'share' }),
  flag('--no-share', 'do not share it', { key: 'shared', value: false, group: 'share' }),
  text('--description', 'what it is for'),
  integer('--mtu', 'largest packet'),
  flag('--external', 'an external network', { key: 'router:external', value: true, group: 'external' }),
  flag('--internal', 'no external network', { key: 'router:external', value: false, group: 'external' }),
  flag('--default', 'the default external network', { key: 'is_default', value: true, group: 'default' }),
  flag('--no-default', 'not the default', { key: 'is_default', value: false, group: 'default' }),
  flag('--enable-port-security', '', { key: 'port_security_enabled', value: true, group: 'security' }),
  flag('--disable-port-security', '', { key: 'port_security_enabled', value: false, group: 'security' }),
  text('--provider-network-type', 'flat, geneve, gre, local, vlan or vxlan', { key: 'provider:network_type' }),
  text('--provider-physical-network', 'the physical network that carries it', { key: 'provider:physical_network' }),
  integer('--provider-segment', 'VLAN ID, or key of the tunnel', { key: 'provider:segmentation_id' }),
  text('--dns-domain', 'DNS domain'),
]

const filterFlag = (name: string, attribute: string, value: boolean, help: string): Option =>
  flag(name, help, { key: `filter:${attribute}`, value, group: attribute })

export const commands: Commands = {
  'network list': listCommand(NETWORK, {
    summary: 'List networks',
    options: [
      ...NAME_FILTERS,
      filterFlag('--external', 'router:external', true, 'external ones'),
      filterFlag('--internal', 'router:external', false, 'internal ones'),
      filterFlag('--enable', 'admin_state_up', true, 'enabled ones'),
      filterFlag('--disable', 'admin_state_up', false, 'disabled ones'),
      filterFlag('--share', 'shared', true, 'shared ones'),
      filterFlag('--no-share', 'shared', false, 'unshared ones'),
      text('--status', 'with this status', { key: 'filter:status' }),
      text('--provider-network-type', 'of this type', { key: 'filter:provider:network_type' }),
      text('--provider-physical-network', 'on this physical network', { key: 'filter:provider:physical_network' }),
      text('--provider-segment', 'with this VLAN ID or key', { key: 'filter:provider:segmentation_id' }),
    ],
    columns: { ID: (one) => one.id, Name: (one) => one.name, Subnets: (one) => one.subnets ?? [] },
    long: {
      Status: (one) => one.status,
      Project: (one) => one.project_id ?? one.tenant_id,
      State: (one) => upDown(one.admin_state_up),
      Shared: (one) => one.shared,
      'Network Type': (one) => one['provider:network_type'],
      'Router Type': (one) => externalInternal(one['router:external']),
      'Availability Zones': (one) => one.availability_zones ?? [],
      Tags: (one) => one.tags ?? [],
    },
  }),
  'network show': showCommand(NETWORK, 'Show network details'),
  'network create': createCommand(NETWORK, {
    summary: 'Create a network',
    options: [
      ...SETTABLE,
      text('--availability-zone-hint', 'a zone', { key: 'availability_zone_hints', repeat: true }),
      boolean('--vlan-transparent', '', { hidden: true }),
    ],
  }),
  'network set': changeCommand(NETWORK, {
    summary: 'Change a network',
    options: [text('--name', 'new name'), ...SETTABLE],
  }),
  'network unset': unsetCommand(NETWORK, { summary: 'Take tags from a network' }),
  'network delete': deleteCommand(NETWORK, 'Delete networks'),
}
