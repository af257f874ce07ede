import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Subnet pools, address scopes, and policies that let other projects use an object. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await pools(db)
  await sharing(db)
  await autoAllocated(db)
}

async function pools(db: Kysely<unknown>): Promise<void> {
  await table(db, 'address_scopes', { id: 'text', project_id: 'text', name: 'text', ip_version: 'integer' })
    .addPrimaryKeyConstraint('address_scopes_pk', ['id'])
    .execute()
  await index(db, 'address_scopes', ['project_id'])
  await table(db, 'subnetpools', {
    ...STANDARD,
    name: 'text',
    ip_version: 'integer',
    prefixes: 'text',
    default_prefixlen: 'integer',
    min_prefixlen: 'integer',
    max_prefixlen: 'integer',
    default_quota: 'bigint?',
    default_for: 'integer?',
    address_scope_id: 'text?',
    allocations: 'integer',
  })
    .addPrimaryKeyConstraint('subnetpools_pk', ['id'])
    .addUniqueConstraint('subnetpools_default_for', ['default_for'])
    .addForeignKeyConstraint('subnetpools_scope', ['address_scope_id'], 'address_scopes', ['id'])
    .execute()
  await index(db, 'subnetpools', ['project_id'])
  await index(db, 'subnetpools', ['address_scope_id'])
  await index(db, 'subnets', ['subnetpool_id'])
}

/** Until now a network had a flag for everybody; from now on everybody is one more target of a policy. */
async function sharing(db: Kysely<unknown>): Promise<void> {
  await table(db, 'rbac_policies', {
    id: 'text',
    project_id: 'text',
    object_type: 'text',
    object_id: 'text',
    action: 'text',
    target_project: 'text',
  })
    .addPrimaryKeyConstraint('rbac_policies_pk', ['id'])
    .addUniqueConstraint('rbac_policies_once', ['object_type', 'object_id', 'action', 'target_project'])
    .execute()
  await index(db, 'rbac_policies', ['project_id'])
  await index(db, 'rbac_policies', ['object_type', 'target_project'])
  await everybody(db, 'shared', 'access_as_shared')
  await everybody(db, 'external', 'access_as_external')
  await db.schema.alterTable('networks').dropColumn('shared').execute()
}

async function everybody(db: Kysely<unknown>, flag: 'shared' | 'external', action: string): Promise<void> {
  const { rows } = await sql<{ id: string; project_id: string }>`
    select id, project_id from networks where ${sql.ref(flag)} = 1`.execute(db)
  for (const network of rows) {
    await sql`insert into rbac_policies (id, project_id, object_type, object_id, action, target_project)
      values (${randomUUID()}, ${network.project_id}, 'network', ${network.id}, ${action}, '*')`.execute(db)
  }
}

async function autoAllocated(db: Kysely<unknown>): Promise<void> {
  await table(db, 'auto_allocated_topologies', { project_id: 'text', network_id: 'text', router_id: 'text' })
    .addPrimaryKeyConstraint('auto_allocated_topologies_pk', ['project_id'])
    .addForeignKeyConstraint('auto_allocated_network', ['network_id'], 'networks', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .addForeignKeyConstraint('auto_allocated_router', ['router_id'], 'routers', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'auto_allocated_topologies', ['network_id'])
  await index(db, 'auto_allocated_topologies', ['router_id'])
}
