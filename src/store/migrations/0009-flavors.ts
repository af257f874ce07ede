import type { Kysely } from 'kysely'
import { index, table } from './build.js'

/** Flavors of routers: names for the ways in which they can be realised. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'flavors', {
    id: 'text',
    name: 'text',
    description: 'text',
    service_type: 'text',
    enabled: 'integer',
  })
    .addPrimaryKeyConstraint('flavors_pk', ['id'])
    .execute()
  await table(db, 'service_profiles', {
    id: 'text',
    description: 'text',
    driver: 'text',
    enabled: 'integer',
    metainfo: 'text',
  })
    .addPrimaryKeyConstraint('service_profiles_pk', ['id'])
    .execute()
  await table(db, 'flavor_profiles', { flavor_id: 'text', service_profile_id: 'text' })
    .addPrimaryKeyConstraint('flavor_profiles_pk', ['flavor_id', 'service_profile_id'])
    .addForeignKeyConstraint('flavor_profiles_flavor', ['flavor_id'], 'flavors', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('flavor_profiles_profile', ['service_profile_id'], 'service_profiles', ['id'])
    .execute()
  await index(db, 'flavor_profiles', ['service_profile_id'])
  await db.schema.alterTable('routers').addColumn('flavor_id', 'text').execute()
  await index(db, 'routers', ['flavor_id'])
}
