/** Open to everybody: how clients find out what this is and where to sign in. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/', '/healthcheck', '/v2.0/openapi'])
