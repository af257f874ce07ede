/** The program's surroundings, replaceable in tests. */
export interface Io {
  readonly env: NodeJS.ProcessEnv
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** width of the terminal on stdout, if it is one */
  readonly columns?: number
  /** where clouds.yaml is looked for besides /etc/openstack */
  readonly directory: string
  readonly home: string
}

export function processIo(): Io {
  return {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    columns: process.stdout.columns,
    directory: process.cwd(),
    home: process.env.HOME ?? '/root',
  }
}
