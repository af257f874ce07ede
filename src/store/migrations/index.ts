import type { Migration } from 'kysely'
import * as base from './0001-base.js'
import * as l3 from './0002-l3.js'
import * as poolsAndSharing from './0003-pools-and-sharing.js'
import * as portForwardings from './0004-port-forwardings.js'
import * as addressGroups from './0005-address-groups.js'
import * as portBindings from './0006-port-bindings.js'
import * as portPlacement from './0007-port-placement.js'
import * as qos from './0008-qos.js'
import * as flavors from './0009-flavors.js'
import * as trunks from './0010-trunks.js'
import * as metering from './0011-metering.js'
import * as conntrackHelpers from './0012-conntrack-helpers.js'
import * as haRouters from './0013-ha-routers.js'
import * as segments from './0014-segments.js'
import * as qosOfAddresses from './0015-qos-of-addresses.js'
import * as ndpProxies from './0016-ndp-proxies.js'
import * as routedNetworks from './0017-routed-networks.js'
import * as logs from './0018-logs.js'
import * as localIps from './0019-local-ips.js'
import * as packetRates from './0020-packet-rates.js'
import * as minimumBandwidth from './0021-minimum-bandwidth.js'
import * as portNames from './0022-port-names.js'
import * as minimumPacketRates from './0023-minimum-packet-rates.js'

/** Every migration by its name; names sort in the order of application and are never changed afterwards. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-base': base,
  '0002-l3': l3,
  '0003-pools-and-sharing': poolsAndSharing,
  '0004-port-forwardings': portForwardings,
  '0005-address-groups': addressGroups,
  '0006-port-bindings': portBindings,
  '0007-port-placement': portPlacement,
  '0008-qos': qos,
  '0009-flavors': flavors,
  '0010-trunks': trunks,
  '0011-metering': metering,
  '0012-conntrack-helpers': conntrackHelpers,
  '0013-ha-routers': haRouters,
  '0014-segments': segments,
  '0015-qos-of-addresses': qosOfAddresses,
  '0016-ndp-proxies': ndpProxies,
  '0017-routed-networks': routedNetworks,
  '0018-logs': logs,
  '0019-local-ips': localIps,
  '0020-packet-rates': packetRates,
  '0021-minimum-bandwidth': minimumBandwidth,
  '0022-port-names': portNames,
  '0023-minimum-packet-rates': minimumPacketRates,
}
