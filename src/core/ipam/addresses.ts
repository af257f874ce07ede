import type { FixedIp } from '../../model/cloud.js'
import { canonicalIp, cidrOf, ipVersion } from '../../model/ip.js'
import { eui64 } from '../../model/mac.js'
import { freeAddresses, ipAllocations, ipKey, releaseHint } from '../../store/addresses.js'
import { type SubnetRecord, subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import {
  autoAddressSubnet,
  invalidInput,
  invalidIpForNetwork,
  invalidIpForSubnet,
  ipInUse,
  noMoreAddresses,
} from '../fault-messages.js'
import { subnetsInReach } from './segment-subnets.js'
import { serves, subnetsFor } from './service-subnets.js'
import { hasAutoAddresses, isRouterPort, isUsableAddress } from './subnet-facts.js'

/** An entry of `fixed_ips` as asked for: a subnet, an address, or both. */
export interface AskedAddress {
  readonly subnet_id?: string | null
  readonly ip_address?: string | null
}

/** The port that gets the addresses. Its row must exist already. */
export interface AddressOwner {
  readonly id: string
  readonly networkId: string
  readonly mac: string
  readonly deviceOwner: string
  /** '' = not known yet */
  readonly hostId: string
}

/**
 * Gives a new port its addresses and records them. The rule of choice is fixed: the lowest free address of the
 * oldest IPv4 subnet (and of the oldest stateful IPv6 subnet) that has one, and on every subnet with automatic
 * addresses the one the port will make for itself: those come also beside addresses that are asked for, since no
 * host can be kept from making them. `asked` null = choose; an empty list = none.
 * Resolves to null when the choice has to wait for the port's host (a routed network).
 */
export async function allocateAddresses(
  core: Core,
  db: Db,
  port: AddressOwner,
  asked: readonly AskedAddress[] | null,
): Promise<FixedIp[] | null> {
  const subnets = await subnetsInReach(core, db, port, asked)
  if (asked === null) {
    if (subnets.length === 0 && (await waitsForHost(db, port))) return null
    return chooseAddresses(db, port, subnetsFor(port.networkId, subnets, port.deviceOwner))
  }
  checkCount(core, asked)
  const named = asked.filter((entry) => !asksForAutomatic(port, subnets, entry))
  const taken = await takeAsked(db, port, subnets, named, 0)
  return asked.length === 0 ? [] : [...taken, ...(await takeAllAutomatic(db, port, subnets, taken))]
}

/** Whether the network has subnets for the port, all of them on segments. */
async function waitsForHost(db: Db, { networkId, deviceOwner }: AddressOwner): Promise<boolean> {
  return subnetsFor(networkId, await subnetsOfNetwork(db, networkId), deviceOwner).length > 0
}

/**
 * Makes the port's addresses what is asked; addresses that stay are not touched, and automatic ones stay as long as
 * the port has any address at all. Returns the new list.
 */
export async function changeAddresses(
  core: Core,
  db: Db,
  port: AddressOwner & { readonly fixedIps: readonly FixedIp[] },
  asked: readonly AskedAddress[],
): Promise<FixedIp[]> {
  checkCount(core, asked)
  const subnets = await subnetsInReach(core, db, port, asked)
  const inReach = new Set(subnets.map(({ id }) => id))
  const before = [...port.fixedIps]
  const kept = new Map<AskedAddress, FixedIp>()
  // first those who name their address, then those who only want one of the subnet: they keep what is left
  for (const byAddress of [true, false]) {
    for (const entry of asked) {
      if (kept.has(entry) || (entry.ip_address != null) !== byAddress) continue
      const at = before.findIndex(
        ({ subnetId, ip }) =>
          inReach.has(subnetId) &&
          (byAddress
            ? ip === canonicalIp(entry.ip_address!) && (entry.subnet_id == null || entry.subnet_id === subnetId)
            : subnetId === entry.subnet_id),
      )
      if (at >= 0) kept.set(entry, before.splice(at, 1)[0]!)
    }
  }
  const stays = ({ subnetId, ip }: FixedIp) =>
    asked.length > 0 && subnets.some((subnet) => subnet.id === subnetId && ip === automaticAddress(port, subnet))
  const automatic = before.filter(stays)
  await releaseAddresses(
    db,
    port.id,
    before.filter((each) => !stays(each)),
  )
  const named = asked.filter((entry) => kept.has(entry) || !asksForAutomatic(port, subnets, entry))
  const result: FixedIp[] = []
  for (const [position, entry] of named.entries()) {
    const old = kept.get(entry)
    if (old) {
      await ipAllocations.update(db, { subnetId: old.subnetId, key: ipKey(old.ip) }, { position })
      result.push(old)
    } else result.push(...(await takeAsked(db, port, subnets, [entry], position)))
  }
  for (const { subnetId, ip } of automatic) {
    await ipAllocations.update(db, { subnetId, key: ipKey(ip) }, { position: result.length })
    result.push({ subnetId, ip })
  }
  return asked.length === 0 ? result : [...result, ...(await takeAllAutomatic(db, port, subnets, result))]
}

/** After the MAC of a port has changed: its automatic addresses follow it. `fixedIps` are those it has. */
export async function followMac(
  db: Db,
  port: AddressOwner & { readonly fixedIps: readonly FixedIp[] },
  oldMac: string,
): Promise<void> {
  const subnets = await subnetsOfNetwork(db, port.networkId)
  for (const [position, fixed] of port.fixedIps.entries()) {
    const subnet = subnets.find(({ id }) => id === fixed.subnetId)
    if (!subnet || fixed.ip !== automaticAddress({ ...port, mac: oldMac }, subnet)) continue
    await releaseAddresses(db, port.id, [fixed])
    await takeAutomatic(db, port, subnet, position)
  }
}

/** Frees addresses of a port. */
export async function releaseAddresses(db: Db, portId: string, fixedIps: readonly FixedIp[]): Promise<void> {
  for (const { subnetId, ip } of fixedIps) {
    await ipAllocations.delete(db, { portId, subnetId, key: ipKey(ip) })
    await releaseHint(db, subnetId, ip)
  }
}

/** The lowest free address of one subnet, recorded for the port; null when none is left. */
export async function takeLowest(
  db: Db,
  port: AddressOwner,
  subnet: SubnetRecord,
  position: number,
): Promise<FixedIp | null> {
  const ip = await (await freeAddresses(db, subnet.id)).lowest(db)
  return ip === null ? null : record(db, port, subnet.id, ip, position)
}

/** The address that a port with this MAC makes for itself on a subnet with automatic addresses. */
export async function takeAutomatic(
  db: Db,
  port: AddressOwner,
  subnet: SubnetRecord,
  position: number,
): Promise<FixedIp> {
  return takeAddress(db, port, subnet, eui64(cidrOf(subnet.cidr).network, port.mac), position)
}

/** Whether hosts on the subnet make their own address and the port is such a host's. */
function isAutomatic({ deviceOwner }: AddressOwner, subnet: SubnetRecord): boolean {
  return hasAutoAddresses(subnet) && !isRouterPort(deviceOwner)
}

/** The address that the port makes for itself on the subnet; null where it makes none. */
function automaticAddress(port: AddressOwner, subnet: SubnetRecord): string | null {
  return isAutomatic(port, subnet) ? eui64(cidrOf(subnet.cidr).network, port.mac) : null
}

/** An entry that only names a subnet with automatic addresses: the port gets those of all such subnets anyway. */
function asksForAutomatic(port: AddressOwner, subnets: readonly SubnetRecord[], asked: AskedAddress): boolean {
  if (asked.ip_address != null) return false
  return subnets.some((subnet) => subnet.id === asked.subnet_id && isAutomatic(port, subnet))
}

/** The automatic addresses that a port with the addresses `present` lacks. */
async function takeAllAutomatic(
  db: Db,
  port: AddressOwner,
  subnets: readonly SubnetRecord[],
  present: readonly FixedIp[],
): Promise<FixedIp[]> {
  const has = new Set(present.map(({ subnetId }) => subnetId))
  const taken: FixedIp[] = []
  for (const subnet of subnets) {
    if (!isAutomatic(port, subnet) || !serves(subnet, port.deviceOwner) || has.has(subnet.id)) continue
    taken.push(await takeAutomatic(db, port, subnet, present.length + taken.length))
  }
  return taken
}

function checkCount(core: Core, asked: readonly AskedAddress[]): void {
  if (asked.length > core.config.DEFAULT.max_fixed_ips_per_port) {
    throw invalidInput('Exceeded maximum amount of fixed ips per port')
  }
}

async function chooseAddresses(db: Db, port: AddressOwner, subnets: readonly SubnetRecord[]): Promise<FixedIp[]> {
  const fixedIps: FixedIp[] = []
  const ordinary = subnets.filter((subnet) => !isAutomatic(port, subnet))
  for (const version of [4, 6]) {
    const candidates = ordinary.filter(({ ipVersion }) => ipVersion === version)
    if (candidates.length === 0) continue
    fixedIps.push(await firstFree(db, port, candidates, fixedIps.length))
  }
  return [...fixedIps, ...(await takeAllAutomatic(db, port, subnets, fixedIps))]
}

async function firstFree(
  db: Db,
  port: AddressOwner,
  candidates: readonly SubnetRecord[],
  position: number,
): Promise<FixedIp> {
  for (const subnet of candidates) {
    const fixedIp = await takeLowest(db, port, subnet, position)
    if (fixedIp) return fixedIp
  }
  throw noMoreAddresses(port.networkId)
}

async function takeAsked(
  db: Db,
  port: AddressOwner,
  subnets: readonly SubnetRecord[],
  asked: readonly AskedAddress[],
  first: number,
): Promise<FixedIp[]> {
  const taken: FixedIp[] = []
  // named addresses first: an entry that leaves the choice to us must not take them
  const order = [...asked.keys()].sort(
    (a, b) => Number(asked[a]!.ip_address == null) - Number(asked[b]!.ip_address == null),
  )
  const byPosition = new Map<number, FixedIp>()
  for (const index of order) byPosition.set(index, await takeOne(db, port, subnets, asked[index]!, first + index))
  for (const index of asked.keys()) taken.push(byPosition.get(index)!)
  return taken
}

async function takeOne(
  db: Db,
  port: AddressOwner,
  subnets: readonly SubnetRecord[],
  { subnet_id, ip_address }: AskedAddress,
  position: number,
): Promise<FixedIp> {
  if (ip_address != null) {
    const ip = canonicalIp(ip_address)
    const subnet = subnetOfAddress(port.networkId, subnets, subnet_id ?? null, ip)
    if (isAutomatic(port, subnet)) throw autoAddressSubnet(ip, subnet.id)
    return takeAddress(db, port, subnet, ip, position)
  }
  const subnet = subnetById(port.networkId, subnets, subnet_id)
  if (!port.deviceOwner.startsWith('network:') && !serves(subnet, port.deviceOwner)) {
    throw invalidSubnet(port.networkId, subnet.id)
  }
  const fixedIp = await takeLowest(db, port, subnet, position)
  if (!fixedIp) throw noMoreAddresses(port.networkId)
  return fixedIp
}

function subnetById(networkId: string, subnets: readonly SubnetRecord[], id: string | null | undefined): SubnetRecord {
  if (id == null) throw invalidInput('IP allocation requires subnet_id or ip_address')
  const subnet = subnets.find((candidate) => candidate.id === id)
  if (!subnet) throw invalidSubnet(networkId, id)
  return subnet
}

const invalidSubnet = (networkId: string, id: string) =>
  invalidInput(`Failed to create port on network ${networkId}, because fixed_ips included invalid subnet ${id}`)

function subnetOfAddress(
  networkId: string,
  subnets: readonly SubnetRecord[],
  id: string | null,
  ip: string,
): SubnetRecord {
  if (id !== null) {
    const subnet = subnetById(networkId, subnets, id)
    if (ipVersion(ip) !== subnet.ipVersion || !isUsableAddress(subnet.cidr, ip)) throw invalidIpForSubnet(ip)
    return subnet
  }
  const subnet = subnets.find(({ cidr }) => isUsableAddress(cidr, ip))
  if (!subnet) throw invalidIpForNetwork(ip)
  return subnet
}

async function takeAddress(
  db: Db,
  port: AddressOwner,
  subnet: SubnetRecord,
  ip: string,
  position: number,
): Promise<FixedIp> {
  const holder = await ipAllocations.findOne(db, { subnetId: subnet.id, key: ipKey(ip) })
  if (holder) throw ipInUse(port.networkId, ip)
  return record(db, port, subnet.id, ip, position)
}

async function record(db: Db, port: AddressOwner, subnetId: string, ip: string, position: number): Promise<FixedIp> {
  await ipAllocations.insert(db, { subnetId, key: ipKey(ip), ip, networkId: port.networkId, portId: port.id, position })
  const free = await freeAddresses(db, subnetId)
  free.take(ip)
  return { subnetId, ip }
}
