import type { Command, Commands, Context } from '../common/command.js'
import { type Image, images } from '../common/servers.js'
import { type Columns, tableOf } from '../output/result.js'

type Row = Readonly<Record<string, unknown>>

function inventory(
  summary: string,
  read: (context: Context) => Promise<readonly Row[]>,
  columns: Columns<Row>,
): Command {
  return { summary, run: async (context) => tableOf(await read(context), columns) }
}

const at = (path: string, key: string) => async (context: Context) =>
  (await context.session.compute.get<Record<string, readonly Row[]>>(path))[key] ?? []

export const commands: Commands = {
  'flavor-list': inventory('List flavors.', at('/flavors/detail', 'flavors'), {
    ID: (row) => row.id,
    Name: (row) => row.name,
    Memory_MB: (row) => row.ram,
    Disk: (row) => row.disk,
    Ephemeral: (row) => row['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
    Swap: (row) => row.swap ?? '',
    VCPUs: (row) => row.vcpus,
    RXTX_Factor: (row) => Number(row.rxtx_factor ?? 1).toFixed(1),
    Is_Public: (row) => row['os-flavor-access:is_public'] ?? true,
  }),
  'image-list': inventory('List images.', async (context) => (await images(context)) as (Image & Row)[], {
    ID: (row) => row.id,
    Name: (row) => row.name,
    Status: (row) => String(row.status ?? '').toUpperCase(),
    Server: (row) => (row.server as { id?: string } | undefined)?.id ?? '',
  }),
  'keypair-list': inventory(
    'List key pairs.',
    async (context) => (await at('/os-keypairs', 'keypairs')(context)).map((row) => row.keypair as Row),
    { Name: (row) => row.name, Fingerprint: (row) => row.fingerprint },
  ),
  'service-list': inventory('List compute services.', at('/os-services', 'services'), {
    Id: (row) => row.id,
    Binary: (row) => row.binary,
    Host: (row) => row.host,
    Zone: (row) => row.zone,
    Status: (row) => row.status,
    State: (row) => row.state,
    Updated_at: (row) => row.updated_at,
    'Disabled Reason': (row) => row.disabled_reason,
  }),
  'hypervisor-list': inventory('List hypervisors.', at('/os-hypervisors', 'hypervisors'), {
    ID: (row) => row.id,
    'Hypervisor hostname': (row) => row.hypervisor_hostname,
    State: (row) => row.state,
    Status: (row) => row.status,
  }),
}
