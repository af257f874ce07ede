import { json, type RecordOf, Table, text } from './table.js'

/** Bindings of ports to hosts where they are not (yet, or any more): the one in force is part of the port. */
export const inactiveBindings = new Table('inactive_bindings', {
  portId: text('port_id'),
  host: text('host'),
  vnicType: text('vnic_type'),
  profile: json<Readonly<Record<string, unknown>>>('profile'),
  vifType: text('vif_type'),
  vifDetails: json<Readonly<Record<string, unknown>>>('vif_details'),
})

export type InactiveBinding = RecordOf<typeof inactiveBindings.columns>
