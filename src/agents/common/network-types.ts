import type { HostView } from '../../bus/contracts/view.js'
import type { NamespaceSpec } from '../../dataplane/netns/spec.js'

/** The same namespace with the network type of each device's port. */
export function withNetworkTypes<T extends NamespaceSpec>(view: HostView, spec: T): T {
  return {
    ...spec,
    devices: spec.devices.map((device) => {
      const port = view.get('port', device.portId)
      const network = port && view.get('network', port.networkId)
      return network ? { ...device, networkType: network.type } : device
    }),
  }
}
