import type { PortForwardingRecord } from '../../store/port-forwardings.js'
import type { Resource } from '../service.js'

/** Both ports of a forwarding: `internal_port` is null where it is a range. */
function ports(record: PortForwardingRecord) {
  const { externalFirst, externalLast, internalFirst, internalLast } = record
  return {
    external_port: externalFirst === externalLast ? externalFirst : null,
    external_port_range: `${externalFirst}:${externalLast}`,
    internal_port: internalFirst === internalLast ? internalFirst : null,
    internal_port_range: `${internalFirst}:${internalLast}`,
  }
}

/** `projectId`: of the floating IP. It and the floating IP's id are for policy and paths, the API shows neither. */
export function showPortForwarding(record: PortForwardingRecord, projectId: string): Resource {
  return {
    id: record.id,
    protocol: record.protocol,
    internal_ip_address: record.internalIp,
    internal_port_id: record.internalPortId,
    ...ports(record),
    description: record.description,
    floatingip_id: record.floatingIpId,
    project_id: projectId,
  }
}

/** As `port_forwardings` of a floating IP has it: without ranges and description. */
export function forwardingOfFloatingIp(record: PortForwardingRecord): Resource {
  const { external_port, internal_port } = ports(record)
  return {
    id: record.id,
    protocol: record.protocol,
    internal_ip_address: record.internalIp,
    internal_port_id: record.internalPortId,
    external_port,
    internal_port,
  }
}
