import { existsSync } from 'node:fs'
import type { Host } from '../../dataplane/command/host.js'
import { filterBridgeLines, filterBridgeUp } from '../../dataplane/filter-bridge/lines.js'
import { disableIpv6 } from '../../dataplane/ip/silence.js'
import type { PortSpec, Vswitch } from '../../dataplane/ovsdb/types.js'
import { isTrunkBridge, qbrName, qvbName, qvoName, tapName } from '../../model/device-names.js'
import type { RecordedInterface } from './directory.js'
import type { InstanceNetns } from './netns.js'

/**
 * The way of an instance's port to br-int:
 *
 *   ethN (in the instance) ═veth═ tapX ─ qbrX ─ qvbX ═veth═ qvoX ─ br-int       hybrid plug
 *   ethN (in the instance) ═veth═ tapX ─ br-int                                 otherwise
 *
 * The bridge is there because iptables filters at bridge ports only. IPv6 is off on all of it, or the node would speak on the
 * tenant's network. A port with a trunk hangs on the trunk's bridge in place of br-int, which is made and removed here (as
 * os-vif does); the Open vSwitch agent joins it with br-int.
 */
export class Plugger {
  readonly #host: Host
  readonly #vswitch: Vswitch

  constructor(host: Host, vswitch: Vswitch) {
    this.#host = host
    this.#vswitch = vswitch
  }

  /** Device on the integration bridge by which the network service knows the port. */
  isPlugged(port: RecordedInterface): boolean {
    return devicesOf(port).every(deviceExists) && this.#vswitch.interface(switchDevice(port)) !== undefined
  }

  async plug(instanceId: string, port: RecordedInterface, netns: InstanceNetns): Promise<void> {
    if (devicesOf(port).some((device) => !deviceExists(device))) await this.#makeDevices(port, netns)
    const inside = [
      netns.run(['ip', '-batch', '-'], { input: `link set ${port.device} up\n` }),
      // the userspace datapath hands frames on as they are: a checksum left to hardware would never be made.
      // Behind a filter bridge the Open vSwitch agent sees to it (at qvb), and knows when it may be left
      ...(port.hybrid ? [] : [netns.run(['ethtool', '-K', port.device, 'tx', 'off'])]),
    ]
    await Promise.all([...inside, this.#connect(instanceId, port)])
  }

  async unplug(port: RecordedInterface): Promise<void> {
    await this.#vswitch.deletePorts([switchDevice(port)])
    if (isTrunkBridge(port.bridge)) await this.#vswitch.deleteBridges([port.bridge])
    const batch = devicesOf(port).filter((device) => device !== qvoName(port.portId) && deviceExists(device))
    if (batch.length > 0) await this.#ip(batch.map((device) => `link del ${device}`))
  }

  async #makeDevices(port: RecordedInterface, netns: InstanceNetns): Promise<void> {
    const tap = tapName(port.portId)
    const inner = `peer name ${port.device} address ${port.mac} mtu ${port.mtu} netns ${netns.file}`
    const outer = `link add ${tap} address fe${port.mac.slice(2)} mtu ${port.mtu} type veth ${inner}`
    const pair = deviceExists(tap) ? [] : [outer]
    const bridge = filterBridgeLines(port.portId, port.mtu, deviceExists)
    await this.#ip(port.hybrid ? [...bridge, ...pair] : pair)
    for (const device of devicesOf(port)) disableIpv6(device)
    const up = [...filterBridgeUp(port.portId), `link set ${tap} master ${qbrName(port.portId)} up`]
    await this.#ip(port.hybrid ? up : [`link set ${tap} up`])
  }

  async #connect(instanceId: string, port: RecordedInterface): Promise<void> {
    // an existing port has been wired since; its tag is the Open vSwitch agent's
    if (this.#vswitch.interface(switchDevice(port))) return
    if (isTrunkBridge(port.bridge)) {
      await this.#vswitch.ensureBridges([{ name: port.bridge, datapathType: port.datapath ?? 'system' }])
    }
    if (!this.#vswitch.bridge(port.bridge))
      throw new Error(`bridge ${port.bridge} does not exist on host ${this.#host.name}`)
    await this.#vswitch.ensurePorts([portSpec(instanceId, port)])
  }

  #ip(lines: readonly string[]): Promise<unknown> {
    return this.#host.run(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  }
}

export function portSpec(instanceId: string, port: RecordedInterface): PortSpec {
  return {
    bridge: port.bridge,
    name: switchDevice(port),
    type: '',
    dead: true,
    externalIds: { 'iface-id': port.portId, 'iface-status': 'active', 'attached-mac': port.mac, 'vm-uuid': instanceId },
  }
}

function switchDevice(port: RecordedInterface): string {
  return port.hybrid ? qvoName(port.portId) : tapName(port.portId)
}

/** devices on the node; qvo goes with its peer qvb */
function devicesOf(port: RecordedInterface): string[] {
  const { portId } = port
  return port.hybrid ? [tapName(portId), qvbName(portId), qvoName(portId), qbrName(portId)] : [tapName(portId)]
}

/** /proc/sys/net shows the network namespace of whoever looks, without a process for every question. */
function deviceExists(device: string): boolean {
  return existsSync(`/proc/sys/net/ipv4/conf/${device}`)
}
