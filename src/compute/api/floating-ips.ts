import { type Neutron, NeutronError, type NeutronFloatingIp } from '../clients/neutron.js'
import { badRequest, notFound } from '../core/faults.js'
import type { Instance } from '../core/instance.js'

export async function findFloatingIp(user: Neutron, address: unknown): Promise<NeutronFloatingIp> {
  if (typeof address !== 'string')
    throw badRequest("Invalid input for field/attribute address. 'address' is a required property")
  const found = (await user.list('floatingips', { floating_ip_address: address }))[0]
  if (!found) throw notFound('floating IP not found')
  return found
}

/**
 * Points a floating IP at an instance: at its port with `fixedAddress`, else at its first port that has an IPv4 address and
 * a router to the floating network (the network service knows which).
 */
export async function associateFloatingIp(
  user: Neutron,
  instance: Instance,
  address: unknown,
  fixedAddress: unknown,
): Promise<void> {
  const [floating, ports] = await Promise.all([
    findFloatingIp(user, address),
    user.list('ports', { device_id: instance.id }),
  ])
  const order = (portId: string) => instance.ports.findIndex((port) => port.portId === portId)
  const candidates = ports
    .sort((a, b) => order(a.id) - order(b.id))
    .flatMap((port) => port.fixed_ips.map((ip) => ({ port_id: port.id, fixed_ip_address: ip.ip_address })))
    .filter(
      (one) =>
        !one.fixed_ip_address.includes(':') &&
        (fixedAddress === undefined || fixedAddress === null || one.fixed_ip_address === fixedAddress),
    )
  if (candidates.length === 0)
    throw badRequest(
      fixedAddress ? 'Specified fixed address not assigned to instance' : 'No fixed IPs associated to instance',
    )
  for (const [index, candidate] of candidates.entries()) {
    try {
      await user.update('floatingips', floating.id, candidate)
      return
    } catch (error) {
      const unreachable = error instanceof NeutronError && error.type === 'ExternalGatewayForFloatingIPNotFound'
      if (!unreachable || index === candidates.length - 1) throw error
    }
  }
}

export async function disassociateFloatingIp(user: Neutron, instance: Instance, address: unknown): Promise<void> {
  const floating = await findFloatingIp(user, address)
  if (!instance.ports.some((port) => port.portId === floating.port_id))
    throw badRequest(`Floating IP ${address} is not associated with instance ${instance.id}.`)
  await user.update('floatingips', floating.id, { port_id: null })
}
