import { flag } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { images } from '../common/servers.js'
import { tableOf } from '../output/result.js'

type Row = Readonly<Record<string, unknown>>

async function read(context: Context, path: string, key: string): Promise<readonly Row[]> {
  return (await context.session.compute.get<Record<string, readonly Row[]>>(path))[key] ?? []
}

interface Zone {
  readonly name: string
  readonly state: string
  readonly resource: string
}

/** Zones of the networking service, one row per kind of resource. */
async function networkZones(context: Context): Promise<Zone[]> {
  const path = '/v2.0/availability_zones'
  return (await context.session.network.get<{ availability_zones: Zone[] }>(path)).availability_zones
}

/** Zones of the compute service in the same shape. */
async function computeZones(context: Context): Promise<Zone[]> {
  const zones = (await read(context, '/os-availability-zone', 'availabilityZoneInfo')) as readonly {
    readonly zoneName: string
    readonly zoneState: { readonly available: boolean }
  }[]
  return zones.map(({ zoneName, zoneState }) => ({
    name: zoneName,
    state: zoneState.available ? 'available' : 'unavailable',
    resource: '',
  }))
}

export const commands: Commands = {
  'flavor list': {
    summary: 'List flavors',
    options: [flag('--all', '', { hidden: true })],
    output: 'list',
    async run(context) {
      return tableOf(await read(context, '/flavors/detail', 'flavors'), {
        ID: (one) => one.id,
        Name: (one) => one.name,
        RAM: (one) => one.ram,
        Disk: (one) => one.disk,
        Ephemeral: (one) => one['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
        VCPUs: (one) => one.vcpus,
        'Is Public': (one) => one['os-flavor-access:is_public'] ?? true,
      })
    },
  },
  'image list': {
    summary: 'List images',
    output: 'list',
    async run(context) {
      return tableOf(await images(context), {
        ID: (one) => one.id,
        Name: (one) => one.name,
        Status: (one) => one.status?.toLowerCase(),
      })
    },
  },
  'availability zone list': {
    summary: 'List availability zones',
    options: [
      flag('--compute', 'of the compute service', { group: 'service' }),
      flag('--network', 'of the networking service', { group: 'service' }),
      flag('--long', 'more columns'),
    ],
    output: 'list',
    async run(context, args) {
      const [compute, network] = await Promise.all([
        !args.flag('network') && (await context.session.offers('compute')) ? computeZones(context) : [],
        args.flag('compute') ? [] : networkZones(context),
      ])
      return tableOf([...compute, ...network], {
        'Zone Name': (one) => one.name,
        'Zone Status': (one) => one.state,
        ...(args.flag('long') && { 'Zone Resource': (one: Zone) => one.resource }),
      })
    },
  },
  'compute service list': {
    summary: 'List compute services',
    output: 'list',
    async run(context) {
      return tableOf(await read(context, '/os-services', 'services'), {
        ID: (one) => one.id,
        Binary: (one) => one.binary,
        Host: (one) => one.host,
        Zone: (one) => one.zone,
        Status: (one) => one.status,
        State: (one) => one.state,
        'Updated At': (one) => one.updated_at,
      })
    },
  },
  'hypervisor list': {
    summary: 'List hypervisors',
    output: 'list',
    async run(context) {
      return tableOf(await read(context, '/os-hypervisors/detail', 'hypervisors'), {
        ID: (one) => one.id,
        'Hypervisor Hostname': (one) => one.hypervisor_hostname,
        'Hypervisor Type': (one) => one.hypervisor_type,
        'Host IP': (one) => one.host_ip,
        State: (one) => one.state,
      })
    },
  },
  'keypair list': {
    summary: 'List key pairs',
    output: 'list',
    async run(context) {
      const pairs = await read(context, '/os-keypairs', 'keypairs')
      return tableOf(
        pairs.map((one) => one.keypair as Row),
        { Name: (one) => one.name, Fingerprint: (one) => one.fingerprint, Type: (one) => one.type ?? 'ssh' },
      )
    },
  },
}
