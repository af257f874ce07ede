import { type Logger, pino } from 'pino'

export type { Logger }

/** Keys whose values never reach a log line, wherever they are nested one or two levels deep. */
const SECRET_KEYS = ['password', 'secret', 'token', 'metadata_proxy_shared_secret', 'transport_url', 'X-Auth-Token']

/**
 * One logger per process, JSON lines on stderr.
 * `debug` comes from the oslo options `debug`/`verbose` ([DEFAULT]); `EASTWEST_LOG` overrides the level.
 */
export function createLogger(name: string, options: { debug?: boolean } = {}): Logger {
  const level = process.env.EASTWEST_LOG ?? (options.debug ? 'debug' : 'info')
  return pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: '***' },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
