import { type CommandIndex, entries } from '../common/command.js'

/** Every command with its summary; its module is loaded when it is called. */
export const NOVA_COMMANDS: CommandIndex = {
  ...entries(() => import('./servers.js'), {
    boot: 'Boot a new server.',
    list: 'List servers.',
    show: 'Show a server.',
    delete: 'Delete servers.',
    stop: 'Stop servers.',
    start: 'Start servers.',
    reboot: 'Reboot servers.',
    'console-log': "Print a server's console.",
  }),
  ...entries(() => import('./migrations.js'), {
    migrate: 'Migrate a server to another host.',
    'live-migration': 'Migrate a running server to another host.',
    'resize-confirm': 'Keep a migrated server where it is.',
    'resize-revert': 'Take a migrated server back to its former host.',
    'migration-list': 'List migrations.',
  }),
  ...entries(() => import('./networking.js'), {
    'secgroup-list': 'List security groups.',
    'secgroup-create': 'Create a security group.',
    'secgroup-delete': 'Delete a security group.',
    'secgroup-list-rules': "List a security group's ingress rules.",
    'secgroup-add-rule': 'Allow traffic into the members of a security group.',
    'secgroup-delete-rule': 'Take a rule out of a security group.',
    'floating-ip-list': 'List floating IPs.',
    'floating-ip-associate': 'Associate a floating IP with a server.',
    'floating-ip-disassociate': 'Remove a floating IP from a server.',
    'add-secgroup': "Add a security group to all of a server's ports.",
    'remove-secgroup': "Remove a security group from all of a server's ports.",
  }),
  ...entries(() => import('./interfaces.js'), {
    'interface-list': "List a server's interfaces.",
    'interface-attach': 'Attach an interface to a server.',
    'interface-detach': 'Detach an interface from a server.',
  }),
  ...entries(() => import('./inventory.js'), {
    'flavor-list': 'List flavors.',
    'image-list': 'List images.',
    'keypair-list': 'List key pairs.',
    'service-list': 'List compute services.',
    'hypervisor-list': 'List hypervisors.',
  }),
}
