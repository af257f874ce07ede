import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectType } from '../spec.js'

/** Where Debian's packages put Python's. */
export const PACKAGES = '/usr/lib/python3/dist-packages'

type Attributes = Readonly<Record<string, unknown>>

/** Tests that tempest carries out. */
export interface Suite {
  /** Debian package that brings it */
  readonly debian: string
  /** Python package below which the tests are */
  readonly module: string
  /** what the cloud must be like for them, where not as usual */
  readonly projectTypes?: readonly ProjectType[]
  /** subnet pools that the cloud has meanwhile */
  readonly pools?: readonly Attributes[]
  /** tests (a regular expression that their ids contain) that are not carried out, and why */
  readonly leftOut?: { readonly ids: string; readonly why: string }
  /** options of tempest.conf beside those of every suite, by section */
  readonly options: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export type SuiteName = 'tempest' | 'neutron'

export const SUITE_NAMES: readonly SuiteName[] = ['tempest', 'neutron']

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  tempest: { debian: 'python3-tempest', module: 'tempest.api.network', options: {} },
  neutron: {
    debian: 'neutron-tempest-plugin',
    module: 'neutron_tempest_plugin.api',
    // as devstack has it: the tests of segment ranges and of trunks expect projects' networks to be VXLAN
    projectTypes: ['vxlan', 'vlan', 'gre'],
    leftOut: {
      ids: 'test_router_interface_status',
      why: 'waits a minute for an interface of a distributed router, which becomes active with the first instance behind it',
    },
    // as devstack makes them: the tests of auto-allocated topologies look for default pools
    pools: [
      { name: 'conformance-v4', prefixes: ['10.0.0.0/22'], default_prefixlen: 26, shared: true, is_default: true },
      { name: 'conformance-v6', prefixes: ['fd00:5::/56'], default_prefixlen: 64, shared: true, is_default: true },
    ],
    options: {
      // the client of projects and users takes its endpoint from this old option
      identity: { v2_admin_endpoint_type: 'public' },
      neutron_plugin_options: {
        available_type_drivers: 'vxlan,vlan,flat,gre',
        provider_vlans: 'vlan',
        create_shared_resources: 'true',
        agent_availability_zone: 'nova',
      },
    },
  },
}

export function suiteFolder({ module }: Suite): string {
  return join(PACKAGES, ...module.split('.'))
}

export function suiteIsInstalled(suite: Suite): boolean {
  return existsSync(suiteFolder(suite))
}
