import { existsSync } from 'node:fs'
import type { Host } from '../../../dataplane/command/host.js'
import { unixctl } from '../../../dataplane/openflow/unixctl.js'
import type { Vswitch } from '../../../dataplane/ovsdb/types.js'
import type { Endpoint } from '../endpoint.js'
import { loadModule } from '../kernel.js'
import type { HostOffer } from './profile.js'

interface TapInfo {
  readonly linkinfo?: { readonly info_data?: { readonly vnet_hdr?: boolean } }
}

const NOTHING = { kernelVxlan: false, keepsSegmentSize: false } as const

/** Looks at what decides about the profile. `bridge` exists. */
export async function probeHost(
  host: Host,
  vswitch: Vswitch,
  bridge: string,
  endpoint: Endpoint | null,
): Promise<HostOffer> {
  const datapathType = vswitch.bridge(bridge)?.datapathType || 'system'
  if (datapathType !== 'netdev') {
    return { datapathType, segmentationOffload: false, endpoint: 'nowhere', ...NOTHING }
  }
  return {
    datapathType,
    segmentationOffload: await hasOffloadHeaders(host, bridge),
    endpoint: endpoint === null ? 'nowhere' : vswitch.bridge(endpoint.device) ? 'bridge' : 'device',
    kernelVxlan: await hasVxlan(host),
    keepsSegmentSize: keepsSegmentSize((await unixctl(host.paths.ovsRun, [['version']]))[0] ?? ''),
  }
}

/**
 * Whether vswitchd opened the bridge's own tap with offload headers: it does exactly when it was started with
 * `userspace-tso-enable`, and tells so nowhere else.
 */
async function hasOffloadHeaders(host: Host, bridge: string): Promise<boolean> {
  const { stdout } = await host.run(['ip', '-d', '-j', 'link', 'show', bridge], { okCodes: [0, 1] })
  const [link] = JSON.parse(stdout || '[]') as TapInfo[]
  return link?.linkinfo?.info_data?.vnet_hdr === true
}

/** @param version `ovs-vswitchd (Open vSwitch) 3.1.0` */
export function keepsSegmentSize(version: string): boolean {
  const [, major = '0', minor = '0'] = version.match(/(\d+)\.(\d+)/) ?? []
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 3)
}

async function hasVxlan(host: Host): Promise<boolean> {
  if (!existsSync('/sys/module/vxlan')) await loadModule(host, 'vxlan')
  return existsSync('/sys/module/vxlan')
}
