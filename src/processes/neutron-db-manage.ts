#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander'
import { packageVersion } from '../base/daemon.js'
import { configFiles, loadConfig } from '../config/options.js'
import { SERVER_FILES, serverOptions } from '../config/server.js'
import { migrationStates, prune, upgrade } from '../store/manage.js'

const program = new Command('neutron-db-manage')
  .description('The tables of the network service. neutron-server brings them up to date itself when it starts.')
  .version(packageVersion())
  .option(
    '--config-file <path>',
    `file to read; repeat for several; otherwise ${SERVER_FILES.join(', ')}`,
    collect,
    [] as string[],
  )

function collect(path: string, paths: readonly string[]): string[] {
  return [...paths, path]
}

function wholeDays(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number of days is needed')
  return Number(text)
}

function connection(): string {
  const { configFile } = program.opts<{ configFile: string[] }>()
  const args = configFile.flatMap((path) => ['--config-file', path])
  return loadConfig(serverOptions, configFiles(args, SERVER_FILES)).values.database.connection
}

const options = { poolSize: 1, log: null }
const say = (line: string) => void process.stdout.write(`${line}\n`)

program
  .command('upgrade')
  .description('carry out the migrations that are due')
  .argument('[revision]', 'heads: all of them', 'heads')
  .action(async (revision: string) => {
    if (revision !== 'heads' && revision !== 'head')
      throw new Error(`only 'heads' can be upgraded to, not '${revision}'`)
    const done = await upgrade(connection(), options)
    say(done.length === 0 ? 'nothing to do: the tables are up to date' : `carried out: ${done.join(', ')}`)
  })

program
  .command('current')
  .description('the last migration that was carried out')
  .action(async () => {
    const done = (await migrationStates(connection(), options)).filter(({ executedAt }) => executedAt !== null)
    say(done.at(-1)?.name ?? 'none: the database is empty')
  })

program
  .command('history')
  .description('every migration, and when it was carried out')
  .action(async () => {
    for (const { name, executedAt } of await migrationStates(connection(), options))
      say(`${name}  ${executedAt ? executedAt.toISOString() : 'due'}`)
  })

program
  .command('check')
  .description('exit code 1 when migrations are due')
  .action(async () => {
    const due = (await migrationStates(connection(), options)).filter(({ executedAt }) => executedAt === null)
    if (due.length === 0) return say('the tables are up to date')
    say(`due: ${due.map(({ name }) => name).join(', ')}. Next: neutron-db-manage upgrade heads`)
    process.exitCode = 1
  })

program
  .command('prune')
  .description('delete old records of the change log; neutron-server does so itself, by [database] change_log_max_days')
  .requiredOption('--older-than <days>', 'records of the last so many days stay', wholeDays)
  .action(async ({ olderThan }: { olderThan: number }) => {
    const count = await prune(connection(), options, olderThan)
    say(`deleted: ${count} ${count === 1 ? 'record' : 'records'} of the change log`)
  })

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`neutron-db-manage: ${error.message}\n`)
  process.exit(1)
})
