/** A command that failed: what was run, how it ended, what it said. */
export class CommandError extends Error {
  readonly argv: readonly string[]
  /** null when it could not be started or was ended by a signal */
  readonly code: number | null
  readonly stderr: string

  constructor(argv: readonly string[], code: number | null, stderr: string) {
    super(`${argv.join(' ')}: ${code === null ? 'did not run' : `exit code ${code}`}: ${stderr.trim()}`)
    this.name = 'CommandError'
    this.argv = argv
    this.code = code
    this.stderr = stderr
  }

  /** The object that the command was about is not there (text of iproute2, ovs and conntrack tools). */
  get notFound(): boolean {
    return /No such (file|device|process)|Cannot find device|does not exist|not found|no port named/i.test(this.stderr)
  }
}
