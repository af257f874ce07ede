import { flag, positional, text } from '../args/spec.js'
import type { Commands } from '../common/command.js'
import { listCommand } from './list.js'
import { idOf, METERING_LABEL, METERING_LABEL_RULE } from './resource.js'
import { createCommand, deleteCommand, nameFirst, showCommand, TENANT_ID } from './verbs.js'

export const commands: Commands = {
  'meter-label-list': listCommand(METERING_LABEL, {
    summary: 'List metering labels.',
    columns: ['id', 'name', 'description', 'shared'],
  }),
  'meter-label-show': showCommand(METERING_LABEL, 'Show a metering label.'),
  'meter-label-create': createCommand(METERING_LABEL, {
    summary: 'Create a metering label.',
    options: [
      text('--description', 'what it is for'),
      flag('--shared', 'count at the routers of all projects'),
      TENANT_ID,
    ],
    complete: nameFirst,
  }),
  'meter-label-delete': deleteCommand(METERING_LABEL, 'Delete metering labels.'),
  'meter-label-rule-list': listCommand(METERING_LABEL_RULE, {
    summary: 'List rules of metering labels.',
    columns: ['id', 'excluded', 'direction', 'remote_ip_prefix'],
  }),
  'meter-label-rule-show': showCommand(METERING_LABEL_RULE, 'Show a rule of a metering label.'),
  'meter-label-rule-create': createCommand(METERING_LABEL_RULE, {
    summary: 'Create a rule of a metering label.',
    positionals: [
      positional('LABEL', "the label's ID or name"),
      positional('REMOTE_IP_PREFIX', 'prefix of the addresses behind the router'),
    ],
    options: [
      text('--direction', 'ingress by default', { choices: ['ingress', 'egress'] }),
      flag('--excluded', 'do not count these packets'),
      TENANT_ID,
    ],
    async complete(context, args, body) {
      body.metering_label_id = await idOf(context, METERING_LABEL, args.need('label'))
      body.remote_ip_prefix = args.need('remote_ip_prefix')
    },
  }),
  'meter-label-rule-delete': deleteCommand(METERING_LABEL_RULE, 'Delete rules of metering labels.'),
}
