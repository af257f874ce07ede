import { listComputed } from '../collection.js'
import { Fault } from '../faults.js'
import type { ResourceService } from '../service.js'
import { LOGGABLE } from './checks.js'
import { resourceNotFound } from './faults.js'

const refuse = async (): Promise<never> => {
  throw new Fault('HTTPMethodNotAllowed', 405, 'What can be logged is not changed here.')
}

/** `/log/loggable-resources`: values of a log's `resource_type`. */
export function loggableResourceService(): ResourceService {
  return {
    list: async (_ctx, query) =>
      listComputed(
        LOGGABLE.map((type) => ({ id: type, type })),
        query,
      ),
    get: async (_ctx, id) => {
      throw resourceNotFound(id)
    },
    create: refuse,
    update: refuse,
    delete: refuse,
  }
}
