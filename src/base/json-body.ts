import type { FastifyInstance } from 'fastify'

/**
 * OpenStack clients say `Content-Type: application/json` on requests without a body too (role grants, DELETE): an empty
 * body is null instead of an error.
 */
export function allowEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, null)
    else parse(request, body, done)
  })
}
