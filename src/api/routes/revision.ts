/** Where the cloud and every agent stand, so that clients wait for a revision instead of sleeping. Admin only. */
import { guard } from '../policy/enforce.js'
import { ADMIN } from '../resources/common.js'
import type { AppliedRevision, Environment, RevisionSource } from './environment.js'
import type { Routes } from './routes.js'

export function revisionRoutes(routes: Routes, { revisions, policy }: Environment): void {
  if (!revisions) return
  const mayLook = guard(policy, 'get_revision', ADMIN)
  routes.on(
    'GET',
    '/v2.0/eastwest/revision',
    async ({ ctx }) => {
      mayLook(ctx)
      return readRevision(revisions)
    },
    { id: 'show_revision', summary: 'Show where the cloud and its agents stand', reply: { type: 'object' } },
  )
}

/** In sync: every host was told all that concerns it, and each of its agents has applied that. */
async function readRevision(source: RevisionSource) {
  const revision = source.current()
  const { applied, told, touched } = await source.standing()
  const caughtUp = Object.entries(touched).every(([host, last]) => hostCaughtUp(applied, host, last))
  const in_sync = told !== null && told >= revision && caughtUp
  return { revision, hosts: byHost(applied), errors: errorsOf(applied), in_sync }
}

/** A host that was told something and of which no agent has reported yet is behind. */
function hostCaughtUp(reports: readonly AppliedRevision[], host: string, last: number): boolean {
  const own = reports.filter((report) => report.host === host)
  return own.length > 0 && own.every(({ revision }) => revision >= last)
}

function byHost(reports: readonly AppliedRevision[]): Record<string, Record<string, number>> {
  const hosts: Record<string, Record<string, number>> = {}
  for (const { host, binary, revision } of reports) hosts[host] = { ...hosts[host], [binary]: revision }
  return hosts
}

/** Objects that agents could not bring about. */
function errorsOf(reports: readonly AppliedRevision[]) {
  return reports.flatMap(({ host, binary, errors }) => errors.map((error) => ({ host, binary, ...error })))
}
