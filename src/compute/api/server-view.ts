import { createHash } from 'node:crypto'
import { addressesOf, groupsOf, type NetworkInfo } from '../core/addresses.js'
import { findFlavor } from '../core/flavors.js'
import { apiStatus, type Instance, powerState } from '../core/instance.js'

export interface ViewOptions {
  /** base of links, without version */
  readonly base: string
  readonly minor: number
  readonly isAdmin: boolean
  readonly hostUp: boolean
}

export function links(base: string, path: string): { rel: string; href: string }[] {
  return [
    { rel: 'self', href: `${base}/v2.1/${path}` },
    { rel: 'bookmark', href: `${base}/${path}` },
  ]
}

/** A server in a short listing. */
export function serverSummary(instance: Instance, base: string): Record<string, unknown> {
  return { id: instance.id, name: instance.name, links: links(base, `servers/${instance.id}`) }
}

/** A server with all that a microversion shows. */
export function serverDetail(instance: Instance, info: NetworkInfo, options: ViewOptions): Record<string, unknown> {
  return {
    ...serverSummary(instance, options.base),
    status: apiStatus(instance),
    tenant_id: instance.projectId,
    user_id: instance.userId,
    metadata: instance.metadata,
    hostId: instance.host
      ? createHash('sha224')
          .update(instance.projectId + instance.host)
          .digest('hex')
      : '',
    image: { id: instance.imageId, links: [links(options.base, `images/${instance.imageId}`)[1]] },
    flavor: flavorOf(instance, options),
    created: wholeSeconds(instance.created),
    updated: wholeSeconds(instance.updated),
    addresses: addressesOf(instance, info),
    accessIPv4: '',
    accessIPv6: '',
    'OS-DCF:diskConfig': 'MANUAL',
    ...(instance.vmState === 'error' ? {} : { progress: instance.vmState === 'building' ? 0 : 100 }),
    'OS-EXT-AZ:availability_zone': instance.host ? instance.zone : '',
    config_drive: '',
    key_name: instance.keyName,
    'OS-SRV-USG:launched_at': instance.launched?.replace(/Z$/, '000') ?? null,
    'OS-SRV-USG:terminated_at': null,
    'OS-EXT-STS:task_state': instance.taskState,
    'OS-EXT-STS:vm_state': instance.vmState,
    'OS-EXT-STS:power_state': powerState(instance),
    'os-extended-volumes:volumes_attached': [],
    ...(instance.ports.length > 0 ? { security_groups: groupsOf(instance, info) } : {}),
    ...(instance.fault ? { fault: { ...instance.fault, created: wholeSeconds(instance.fault.created) } } : {}),
    ...laterAttributes(instance, options),
    ...(options.isAdmin ? adminAttributes(instance, options) : {}),
  }
}

function flavorOf(instance: Instance, { minor, base }: ViewOptions): Record<string, unknown> {
  const flavor = findFlavor(instance.flavorId)
  if (minor < 47) return { id: instance.flavorId, links: [links(base, `flavors/${instance.flavorId}`)[1]] }
  return {
    vcpus: flavor?.vcpus ?? 0,
    ram: flavor?.ram ?? 0,
    disk: flavor?.disk ?? 0,
    ephemeral: 0,
    swap: 0,
    original_name: flavor?.name ?? '',
    extra_specs: {},
  }
}

function laterAttributes(instance: Instance, { minor }: ViewOptions): Record<string, unknown> {
  return {
    ...(minor >= 9 ? { locked: false } : {}),
    ...(minor >= 19 ? { description: instance.description } : {}),
    ...(minor >= 26 ? { tags: [] } : {}),
    ...(minor >= 63 ? { trusted_image_certificates: null } : {}),
    ...(minor >= 71 ? { server_groups: [] } : {}),
    ...(minor >= 73 ? { locked_reason: null } : {}),
    ...(minor >= 90 ? { 'OS-EXT-SRV-ATTR:hostname': instance.hostname } : {}),
  }
}

function adminAttributes(instance: Instance, { minor, hostUp }: ViewOptions): Record<string, unknown> {
  return {
    'OS-EXT-SRV-ATTR:host': instance.host,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': instance.host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${instance.id.slice(0, 8)}`,
    ...(minor >= 3
      ? {
          'OS-EXT-SRV-ATTR:hostname': instance.hostname,
          'OS-EXT-SRV-ATTR:reservation_id': `r-${instance.id.slice(0, 8)}`,
          'OS-EXT-SRV-ATTR:launch_index': 0,
          'OS-EXT-SRV-ATTR:kernel_id': '',
          'OS-EXT-SRV-ATTR:ramdisk_id': '',
          'OS-EXT-SRV-ATTR:root_device_name': null,
          'OS-EXT-SRV-ATTR:user_data': instance.userData,
        }
      : {}),
    ...(minor >= 16 ? { host_status: instance.host ? (hostUp ? 'UP' : 'UNKNOWN') : '' } : {}),
  }
}

/** The API's times have no fraction. */
export function wholeSeconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z')
}
