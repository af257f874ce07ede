import { flag, positional, text } from '../args/spec.js'
import type { Command, Commands } from '../common/command.js'
import { serverId } from '../common/servers.js'
import { NOTHING, tableOf } from '../output/result.js'

const server = positional('SERVER', "the server's name or ID")

type Row = Readonly<Record<string, unknown>>

/** Actions that print nothing: the server's status tells how far they are. */
function action(summary: string, name: string): Command {
  return {
    summary,
    positionals: [server],
    async run({ session, ...rest }, args) {
      await session.compute.action(await serverId({ session, ...rest }, args.need('server')), name)
      return NOTHING
    },
  }
}

export const commands: Commands = {
  migrate: {
    summary: 'Migrate a server to another host.',
    positionals: [server],
    options: [text('--host', 'name of the new host')],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      await context.session.compute.action(id, 'migrate', args.has('host') ? { host: args.need('host') } : {})
      return NOTHING
    },
  },
  'live-migration': {
    summary: 'Migrate a running server to another host.',
    positionals: [server, positional('HOST', 'name of the new host', { optional: true })],
    options: [flag('--block-migrate', '', { hidden: true }), flag('--disk-over-commit', '', { hidden: true })],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      const host = args.text('host') ?? null
      const disks = { block_migration: args.flag('block_migrate'), disk_over_commit: args.flag('disk_over_commit') }
      await context.session.compute.action(id, 'os-migrateLive', { host, ...disks })
      return NOTHING
    },
  },
  'resize-confirm': action('Keep a migrated server where it is.', 'confirmResize'),
  'resize-revert': action('Take a migrated server back to its former host.', 'revertResize'),
  'migration-list': {
    summary: 'List migrations.',
    options: [text('--host', 'from or to this host'), text('--status', 'with this status')],
    async run({ session }, args) {
      const filters = Object.fromEntries(
        ['host', 'status'].flatMap((name) => (args.has(name) ? [[name, args.need(name)]] : [])),
      )
      const { migrations } = await session.compute.get<{ migrations: Row[] }>('/os-migrations', filters)
      return tableOf(migrations, {
        'Source Compute': (row) => row.source_compute,
        'Dest Compute': (row) => row.dest_compute,
        Status: (row) => row.status,
        'Instance UUID': (row) => row.instance_uuid,
        'Created At': (row) => row.created_at,
        'Updated At': (row) => row.updated_at,
      })
    },
  },
}
