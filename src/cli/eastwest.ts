#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander'
import { packageVersion } from '../base/daemon.js'
import type { ProjectType } from '../lab/spec.js'

const program = new Command('eastwest')
  .description('OpenStack Networking with distributed virtual routing: a whole cloud of several nodes on one machine')
  .version(packageVersion())
  .showHelpAfterError('(--help shows what can be given)')

const nameOption = () => new Option('--name <name>', 'the lab, where several run side by side').default('lab')

const datapathOption = () =>
  new Option('--datapath <choice>', 'userspace datapath without (plain) or with (fast) segmentation offload').choices([
    'auto',
    'plain',
    'fast',
  ])

const servicesOption = () =>
  new Option(
    '--services <whose>',
    "database, bus and identity: the product's own (embedded), or PostgreSQL, RabbitMQ and Keystone as Debian packages them",
  ).choices(['embedded', 'debian'])

function whole(low: number, high: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`a whole number from ${low} to ${high} is needed`)
    return value
  }
}

function projectTypes(text: string): ProjectType[] {
  const types = text.split(',')
  const known = (type: string): type is ProjectType => type === 'vlan' || type === 'gre' || type === 'vxlan'
  if (!types.every(known) || new Set(types).size < types.length)
    throw new InvalidArgumentError('some of vlan, gre and vxlan are needed, with commas between them')
  return types
}

function labName(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,20}$/.test(text))
    throw new InvalidArgumentError('lower-case letters, digits and dashes are allowed')
  return text
}

const lab = program
  .command('lab')
  .description('the lab: controller, network1 …, compute1, compute2 … and the outside world')

lab
  .command('up')
  .description('start the lab')
  .addOption(nameOption().argParser(labName))
  .addOption(new Option('--computes <n>', 'number of compute nodes').default(2).argParser(whole(1, 10)))
  .addOption(
    new Option('--networks <n>', 'number of network nodes; with two, each network has two DHCP servers')
      .default(1)
      .argParser(whole(1, 5)),
  )
  .addOption(
    new Option('--racks <n>', 'physical networks rack1, rack2 … that network and compute nodes are on in turn')
      .default(0)
      .argParser(whole(0, 4)),
  )
  .addOption(
    new Option('--project-types <types>', "types of projects' networks, first choice first (vlan,gre,vxlan)").argParser(
      projectTypes,
    ),
  )
  .option('--identity-port <port>', 'port of the identity API on 127.0.0.1', whole(1, 65535))
  .option('--network-port <port>', 'port of the network API on 127.0.0.1', whole(1, 65535))
  .option('--compute-port <port>', 'port of the compute API on 127.0.0.1', whole(1, 65535))
  .addOption(
    new Option('--port-offset <n>', 'added to the usual ports 5000, 9696, 8774').default(0).argParser(whole(0, 50_000)),
  )
  .addOption(datapathOption())
  .addOption(servicesOption())
  .action(async (options) => (await import('../lab/commands.js')).labUp(options))

lab
  .command('down')
  .description('end the lab and remove everything of it')
  .addOption(nameOption().argParser(labName))
  .action(async (options) => (await import('../lab/commands.js')).labDown(options))

lab
  .command('status')
  .description('which nodes run, which daemons are alive')
  .addOption(nameOption().argParser(labName))
  .action(async (options) => (await import('../lab/commands.js')).labStatus(options))

program
  .command('node')
  .description('run a command on a node (a shell without one)')
  .argument('<node>', 'controller, network1, compute1, …, outside')
  .argument('[command...]', 'after --')
  .addOption(nameOption())
  .action(async (node, command, options) => (await import('../lab/commands.js')).nodeCommand(node, command, options))

program
  .command('console')
  .description('run a command in an instance (a shell without one), as at its console')
  .argument('<instance>', 'name or id')
  .argument('[command...]', 'after --')
  .addOption(nameOption())
  .action(async (instance, command, options) =>
    (await import('../lab/commands.js')).consoleCommand(instance, command, options),
  )

program
  .command('scenario')
  .description("carry out the networking guide's walk-through on the running lab, or named cases (--list shows them)")
  .addOption(nameOption())
  .option('--list', 'show the named cases')
  .option('--case <name...>', 'carry out these cases (all: every one), on a lab that is started for them if none runs')
  .addOption(
    new Option('--port-offset <n>', 'added to the usual ports 5000, 9696, 8774 of a lab that is started')
      .default(0)
      .argParser(whole(0, 50_000)),
  )
  .action(async (options) => {
    if (options.list) return (await import('../lab/cases/command.js')).listCases()
    if (options.case)
      return (await import('../lab/cases/command.js')).runNamedCases(options.name, options.case, options.portOffset)
    return (await import('../lab/commands.js')).scenario(options)
  })

program
  .command('matrix')
  .description('try every type of project network, external network and router with real packets')
  .addOption(
    new Option('--name <name>', 'the lab; one is started for it if none runs').default('matrix').argParser(labName),
  )
  .option('--only <combination>', 'vxlan|gre|vlan,flat|vlan,dvr|legacy; * or left out: all')
  .addOption(
    new Option('--port-offset <n>', 'added to the usual ports 5000, 9696, 8774 of a lab that is started')
      .default(22_000)
      .argParser(whole(0, 50_000)),
  )
  .addOption(datapathOption())
  .action(async (options) => (await import('../lab/matrix/command.js')).matrix(options))

program
  .command('conformance')
  .description("run tempest's tests of the network API, or Neutron's own, as Debian packages them, against the lab")
  .addOption(
    new Option('--name <name>', 'the lab; one is started for it if none runs')
      .default('conformance')
      .argParser(labName),
  )
  .addOption(
    new Option('--suite <suite>', "tempest's tests, Neutron's own (neutron-tempest-plugin), or both")
      .choices(['tempest', 'neutron', 'all'])
      .default('tempest'),
  )
  .option('--only <expression>', 'only tests whose id contains this regular expression', '')
  .addOption(new Option('--workers <n>', 'tests at the same time').default(2).argParser(whole(1, 16)))
  .option('--json <file>', 'write the results to this file too')
  .addOption(servicesOption())
  .addOption(
    new Option('--port-offset <n>', 'added to the usual ports 5000, 9696, 8774 of a lab that is started')
      .default(24_000)
      .argParser(whole(0, 50_000)),
  )
  .action(async (options) => (await import('../lab/conformance/command.js')).conformance(options))

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`eastwest: ${error.message}\n`)
  process.exit(1)
})
