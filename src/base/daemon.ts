import { readFileSync } from 'node:fs'
import type { Logger } from './log.js'

/** Text of `--version`. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version
}

/** Answers `--help` and `--version` of a daemon and ends the process; otherwise returns. */
export function handleInfoFlags(
  name: string,
  about: string,
  usualFiles: readonly string[],
  argv = process.argv.slice(2),
): void {
  if (argv.includes('--version')) {
    process.stdout.write(`${name} ${packageVersion()}\n`)
    process.exit(0)
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(
      `usage: ${name} [--config-file PATH]...\n\n${about}\n\n` +
        `options:\n  --config-file PATH  read this file; repeat for several, later ones win\n` +
        `                      (default: ${usualFiles.join(', ')})\n` +
        `  --version           print the version\n  -h, --help          print this text\n`,
    )
    process.exit(0)
  }
}

/**
 * Runs a daemon: `start` returns a stop function; SIGTERM and SIGINT call it once and end the process with 0.
 * A failed start is logged and ends the process with 1.
 */
export async function runDaemon(log: Logger, start: () => Promise<() => Promise<void>>): Promise<void> {
  let stop: () => Promise<void>
  try {
    stop = await start()
  } catch (error) {
    log.fatal({ err: error }, 'could not start')
    process.exit(1)
  }
  let stopping = false
  const end = (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'error while stopping')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
}
