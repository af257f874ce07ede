import type { Authenticator } from './authenticator.js'

const text = (value: string | string[] | undefined) => (typeof value === 'string' ? value : '')

/**
 * `auth_strategy = noauth`: everybody is an admin, of the project that X-Project-Id (or X-Tenant-Id) names; X-Roles
 * takes the rights away. For trusted networks and tests.
 */
export function noAuth(): Authenticator {
  return {
    authenticate: async (headers) => {
      const roles = text(headers['x-roles'] ?? headers['x-role'])
      return {
        userId: text(headers['x-user-id']) || 'admin',
        projectId: text(headers['x-project-id']) || text(headers['x-tenant-id']),
        roles: roles === '' ? ['admin'] : roles.split(',').map((role) => role.trim()),
      }
    },
    warmUp: async () => {},
    close: () => {},
  }
}
