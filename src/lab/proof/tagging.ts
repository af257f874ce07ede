import { realpathSync } from 'node:fs'
import type { Cloud } from './cloud.js'
import { run } from './places.js'

const RUN = '/run/tags'
const LEASE = `${RUN}/lease`
const BRIDGE = 'tags'
const OWN_FILES = ['env', `OVS_RUNDIR=${RUN}`, `OVS_DBDIR=${RUN}`]

/**
 * An instance that tells its networks apart by VLAN tags, as a router or hypervisor in an instance does: an Open vSwitch of
 * its own with its NIC and a device for each tag. (Kernels of small machines have no VLAN devices.)
 */
export class TaggingInstance {
  readonly #cloud: Cloud
  readonly #id: string
  readonly #nic: string

  private constructor(cloud: Cloud, id: string, nic: string) {
    this.#cloud = cloud
    this.#id = id
    this.#nic = nic
  }

  static async start(cloud: Cloud, { id }: { readonly id: string }, nic = 'eth0'): Promise<TaggingInstance> {
    const made = new TaggingInstance(cloud, id, nic)
    const daemon = (name: string) => ['--detach', '--no-chdir', `--pidfile=${RUN}/${name}.pid`, '-vconsole:off']
    await made.at('mkdir', '-p', RUN)
    await run(cloud, { instance: id }, ['tee', LEASE], { input: '#!/bin/sh\necho "$1 $ip"\n' })
    await made.at('chmod', '755', LEASE)
    await made.at('ovsdb-tool', 'create', `${RUN}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema')
    await made.#ovs('ovsdb-server', `${RUN}/conf.db`, `--remote=punix:${RUN}/db.sock`, ...daemon('ovsdb-server'))
    await made.#vsctl('--no-wait', 'init')
    await made.#ovs(realpathSync('/usr/sbin/ovs-vswitchd'), `unix:${RUN}/db.sock`, ...daemon('ovs-vswitchd'))
    const bridge = ['add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, 'datapath_type=netdev']
    // what has no tag stays with the kernel
    await made.#vsctl(...bridge, '--', 'add-port', BRIDGE, nic, '--', 'set', 'port', nic, 'trunks=1')
    return made
  }

  /** A command inside. */
  at(...argv: string[]): Promise<string> {
    return run(this.#cloud, { instance: this.#id }, argv)
  }

  /** Makes a device whose frames have this tag on the NIC; it is up, without an address. */
  async add(device: string, vlan: number, mac: string, mtu: number): Promise<void> {
    const port = ['add-port', BRIDGE, device, `tag=${vlan}`, '--', 'set', 'interface', device, 'type=internal']
    await this.#vsctl(...port, `mac="${mac}"`, '--', 'add', 'port', this.#nic, 'trunks', String(vlan))
    await this.at('ip', 'link', 'set', device, 'mtu', String(mtu), 'up')
  }

  /** The device's frames have another tag from now on. */
  async retag(device: string, vlan: number): Promise<void> {
    await this.#vsctl('set', 'port', device, `tag=${vlan}`, '--', 'add', 'port', this.#nic, 'trunks', String(vlan))
  }

  /** What the device sends leaves with two tags, until `plain`. */
  async tagTwice(device: string, outer: number, inner: number): Promise<void> {
    const push = (vlan: number) => `push_vlan:0x8100,set_field:${0x1000 | vlan}->vlan_vid`
    const flow = `priority=9,in_port=${device},actions=${push(inner)},${push(outer)},output:${this.#nic}`
    await this.#ovs('ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', BRIDGE, flow)
  }

  async plain(device: string): Promise<void> {
    await this.#ovs('ovs-ofctl', '-O', 'OpenFlow13', 'del-flows', BRIDGE, `in_port=${device}`)
  }

  /** The address that DHCP offers on the device; it is set on it, without routes. */
  async dhcp(device: string): Promise<string> {
    const client = ['udhcpc', '-n', '-q', '-f', '-t', '8', '-T', '1', '-i', device, '-s', LEASE]
    const ip = (await this.at(...client)).match(/^bound (\S+)$/m)?.[1] ?? ''
    await this.at('ip', 'address', 'replace', `${ip}/24`, 'dev', device)
    return ip
  }

  #vsctl(...argv: string[]): Promise<string> {
    return this.#ovs('ovs-vsctl', `--db=unix:${RUN}/db.sock`, ...argv)
  }

  #ovs(...argv: string[]): Promise<string> {
    return this.at(...OWN_FILES, ...argv)
  }
}
