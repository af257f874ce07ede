import { flag, type RecordOf, Table, text } from './table.js'

export const flavors = new Table('flavors', {
  id: text('id'),
  name: text('name'),
  description: text('description'),
  serviceType: text('service_type'),
  enabled: flag('enabled'),
})

export const serviceProfiles = new Table('service_profiles', {
  id: text('id'),
  description: text('description'),
  driver: text('driver'),
  enabled: flag('enabled'),
  metainfo: text('metainfo'),
})

export const flavorProfiles = new Table('flavor_profiles', {
  flavorId: text('flavor_id'),
  serviceProfileId: text('service_profile_id'),
})

export type FlavorRecord = RecordOf<typeof flavors.columns>
export type ServiceProfileRecord = RecordOf<typeof serviceProfiles.columns>
