import type { Sqlite } from '../base/sqlite.js'

export interface CatalogService {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly endpoints: readonly CatalogEndpoint[]
}

export interface CatalogEndpoint {
  readonly id: string
  readonly interface: string
  readonly region_id: string | null
  readonly region: string | null
  readonly url: string
}

interface EndpointRow {
  readonly id: string
  readonly service_id: string
  readonly interface: string
  readonly url: string
  readonly region_id: string | null
}

/** The service catalog of a token: enabled services with an enabled endpoint, URLs filled in. */
export function catalogFor(database: Sqlite, subject: { projectId: string; userId: string }): CatalogService[] {
  const rows = database.all<EndpointRow>('SELECT * FROM endpoint WHERE enabled = 1 ORDER BY interface, id')
  return database
    .all<{ id: string; type: string; name: string | null }>(
      'SELECT id, type, name FROM service WHERE enabled = 1 ORDER BY type, id',
    )
    .map((service) => ({
      id: service.id,
      type: service.type,
      name: service.name ?? '',
      endpoints: rows.filter((row) => row.service_id === service.id).map((row) => renderEndpoint(row, subject)),
    }))
    .filter((service) => service.endpoints.length > 0)
}

function renderEndpoint(row: EndpointRow, subject: { projectId: string; userId: string }): CatalogEndpoint {
  return {
    id: row.id,
    interface: row.interface,
    region_id: row.region_id,
    region: row.region_id,
    url: fillUrl(row.url, subject),
  }
}

/** `%(tenant_id)s`, `$(project_id)s`, … in an endpoint's URL. */
export function fillUrl(url: string, subject: { projectId: string; userId: string }): string {
  return url.replace(/[%$]\((tenant|project)_id\)s/g, subject.projectId).replace(/[%$]\(user_id\)s/g, subject.userId)
}
