/** `/v2.0/openapi.json`: the API's description. Open to everybody: it tells what could be asked, and nothing of the cloud. */
import { packageVersion } from '../../base/daemon.js'
import { describeApi } from '../openapi/document.js'
import type { Environment } from './environment.js'
import { OPEN_PATHS } from './open-paths.js'
import { compiledBinding } from './port-bindings.js'
import type { Routes } from './routes.js'

/** A `.json` at its end is no matter (wire/normal-url.ts). */
const PATH = '/v2.0/openapi'

/** Port bindings have routes of their own, and are no collection of `core`'s. */
const described = ({ resources, services }: Environment) =>
  services.portBindings ? [...resources.values(), compiledBinding] : resources.values()

/** To be called last: it describes the routes that are there. */
export function openApiRoute(routes: Routes, env: Environment): void {
  let text: string | null = null
  const made = () => JSON.stringify(describeApi(routes.entries(), described(env), packageVersion(), OPEN_PATHS))
  routes.on(
    'GET',
    PATH,
    async (_request, reply) => {
      text ??= made()
      return reply.type('application/json').send(text)
    },
    { id: 'show_description', summary: 'Show this description', reply: { type: 'object' } },
  )
}
