import type {
  Change,
  CloudAddressGroup,
  CloudFloatingIp,
  CloudHost,
  CloudKind,
  CloudLocalIp,
  CloudLog,
  CloudMeteringLabel,
  CloudNetwork,
  CloudObject,
  CloudPort,
  CloudQosPolicy,
  CloudRouter,
  CloudSecurityGroup,
  CloudSubnet,
  CloudTrunk,
} from '../../model/cloud.js'

/** A port that a mechanism driver has bound to a host. */
export function boundHost(port: CloudPort): string | null {
  return port.host !== null && port.vifType === 'ovs' ? port.host : null
}

/** A multimap that forgets empty keys. */
class Index {
  readonly #sets = new Map<string, Set<string>>()

  add(key: string, id: string): void {
    const set = this.#sets.get(key)
    if (set) set.add(id)
    else this.#sets.set(key, new Set([id]))
  }

  remove(key: string, id: string): void {
    const set = this.#sets.get(key)
    set?.delete(id)
    if (set?.size === 0) this.#sets.delete(key)
  }

  keys(): Iterable<string> {
    return this.#sets.keys()
  }

  get(key: string): Iterable<string> {
    return this.#sets.get(key) ?? []
  }
}

/**
 * The server's replica of the cloud, fed by the change log alone, with the look-ups that projections need.
 * Objects are immutable: a change replaces the object, so identity tells "unchanged".
 */
export class Cloud {
  readonly #tables = new Map<CloudKind, Map<string, CloudObject>>()
  readonly #portsByNetwork = new Index()
  readonly #portsByDevice = new Index()
  readonly #portsByGroup = new Index()
  readonly #portsByHost = new Index()
  readonly #subnetsByNetwork = new Index()
  readonly #floatingIpsByRouter = new Index()
  readonly #trunksByParent = new Index()
  readonly #localIpsByPort = new Index()

  static of(objects: Iterable<CloudObject>): Cloud {
    const cloud = new Cloud()
    for (const object of objects) cloud.#put(object)
    return cloud
  }

  /** Applies one record; returns the object's former value. */
  apply(change: Pick<Change, 'kind' | 'id' | 'value'>): CloudObject | undefined {
    const before = this.#table(change.kind).get(change.id)
    if (before) this.#remove(before)
    if (change.value) this.#put(change.value)
    return before
  }

  network = (id: string) => this.#get<CloudNetwork>('network', id)
  subnet = (id: string) => this.#get<CloudSubnet>('subnet', id)
  port = (id: string) => this.#get<CloudPort>('port', id)
  router = (id: string) => this.#get<CloudRouter>('router', id)
  host = (id: string) => this.#get<CloudHost>('host', id)
  qosPolicy = (id: string) => this.#get<CloudQosPolicy>('qos_policy', id)
  trunk = (id: string) => this.#get<CloudTrunk>('trunk', id)
  addressGroup = (id: string) => this.#get<CloudAddressGroup>('address_group', id)
  securityGroup = (id: string) => this.#get<CloudSecurityGroup>('security_group', id)

  /** hosts that ports are bound to */
  hostsWithPorts = (): Iterable<string> => this.#portsByHost.keys()
  portsOnHost = (host: string) => this.#some<CloudPort>('port', this.#portsByHost.get(host))
  routers = () => this.#all<CloudRouter>('router')
  hosts = () => this.#all<CloudHost>('host')
  logs = () => this.#all<CloudLog>('log')
  meteringLabels = () => this.#all<CloudMeteringLabel>('metering_label')

  subnetsOf = (networkId: string) => this.#many<CloudSubnet>('subnet', this.#subnetsByNetwork.get(networkId))
  portsOfNetwork = (networkId: string) => this.#many<CloudPort>('port', this.#portsByNetwork.get(networkId))
  portsOfDevice = (deviceId: string) => this.#many<CloudPort>('port', this.#portsByDevice.get(deviceId))
  portsInGroup = (groupId: string) => this.#many<CloudPort>('port', this.#portsByGroup.get(groupId))
  floatingIpsOf = (routerId: string) =>
    this.#many<CloudFloatingIp>('floatingip', this.#floatingIpsByRouter.get(routerId))
  /** one at most */
  trunksOf = (portId: string) => this.#some<CloudTrunk>('trunk', this.#trunksByParent.get(portId))

  /** those that the port stands for */
  localIpsOf = (portId: string) => this.#many<CloudLocalIp>('local_ip', this.#localIpsByPort.get(portId))

  #table(kind: CloudKind): Map<string, CloudObject> {
    let table = this.#tables.get(kind)
    if (!table) {
      table = new Map()
      this.#tables.set(kind, table)
    }
    return table
  }

  #get<T extends CloudObject>(kind: CloudKind, id: string): T | undefined {
    return this.#table(kind).get(id) as T | undefined
  }

  #all<T extends CloudObject>(kind: CloudKind): T[] {
    return [...this.#table(kind).values()] as T[]
  }

  #some<T extends CloudObject>(kind: CloudKind, ids: Iterable<string>): T[] {
    const table = this.#table(kind)
    return Array.from(ids, (id) => table.get(id) as T)
  }

  /** Sorted by id, so that nothing computed from a list depends on the order of arrival. */
  #many<T extends CloudObject>(kind: CloudKind, ids: Iterable<string>): T[] {
    const table = this.#table(kind)
    return [...ids].sort().map((id) => table.get(id) as T)
  }

  #put(object: CloudObject): void {
    this.#table(object.kind).set(object.id, object)
    this.#reindex(object, (index, key) => index.add(key, object.id))
  }

  #remove(object: CloudObject): void {
    this.#table(object.kind).delete(object.id)
    this.#reindex(object, (index, key) => index.remove(key, object.id))
  }

  #reindex(object: CloudObject, act: (index: Index, key: string) => void): void {
    if (object.kind === 'port') {
      act(this.#portsByNetwork, object.networkId)
      if (object.deviceId) act(this.#portsByDevice, object.deviceId)
      for (const group of object.securityGroups) act(this.#portsByGroup, group)
      const host = boundHost(object)
      if (host !== null) act(this.#portsByHost, host)
    } else if (object.kind === 'subnet') {
      act(this.#subnetsByNetwork, object.networkId)
    } else if (object.kind === 'floatingip' && object.routerId) {
      act(this.#floatingIpsByRouter, object.routerId)
    } else if (object.kind === 'trunk') {
      act(this.#trunksByParent, object.portId)
    } else if (object.kind === 'local_ip') {
      for (const { portId } of object.associations) act(this.#localIpsByPort, portId)
    }
  }
}
