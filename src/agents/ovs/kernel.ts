import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { Host } from '../../dataplane/command/host.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'

const SWITCHES = ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables'] as const

/** Loads a kernel module; what cannot be loaded shows by what is missing afterwards. */
export async function loadModule(host: Host, name: string): Promise<void> {
  await host.run(['modprobe', name]).catch(() => {})
}

/**
 * Makes iptables see what Linux bridges forward. Returns the number of switches turned on.
 * Rejects when the kernel cannot do it: then security groups would filter nothing.
 */
export async function ensureBridgeFilter(host: Host): Promise<number> {
  if (!existsSync('/proc/sys/net/bridge')) await loadModule(host, 'br_netfilter')
  let written = 0
  for (const name of SWITCHES) {
    const path = `/proc/sys/net/bridge/${name}`
    if ((await readFile(path, 'utf8')).trim() === '1') continue
    await writeFile(path, '1\n')
    written++
  }
  return written
}

/**
 * Datapath of the bridges we create when it is not configured: that of the bridges that are here already (patch
 * ports only join bridges of one datapath), else the kernel's where it has one.
 */
export async function detectDatapath(host: Host, vswitch: Vswitch, bridges: readonly string[]): Promise<string> {
  for (const name of bridges) {
    const found = vswitch.bridge(name)
    if (found) return found.datapathType === '' ? 'system' : found.datapathType
  }
  if (!existsSync('/sys/module/openvswitch')) await loadModule(host, 'openvswitch')
  return existsSync('/sys/module/openvswitch') ? 'system' : 'netdev'
}
