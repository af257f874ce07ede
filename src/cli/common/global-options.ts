import { canonicalFlag, isOption, parseArguments } from '../args/parse.js'
import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, type Option, text, UsageError } from '../args/spec.js'

/** Options of every client: who we are, where the cloud is, how to speak with it. */
export const GLOBAL_OPTIONS: readonly Option[] = [
  flag('--version', 'show the version and exit'),
  flag('-h --help', 'show this help message and exit'),
  flag('--debug', 'show the requests and their replies'),
  flag('-v --verbose', 'say more', { repeat: true }),
  flag('-q --quiet', 'say less'),
  integer('-r --retries', 'repeat a request this often when the server cannot be reached'),
  text('--timeout --http-timeout', 'seconds to wait for an answer'),
  flag('--insecure', 'accept any server certificate'),
  text('--os-auth-url', 'address of the identity service (env OS_AUTH_URL)'),
  text('--os-username', 'user name (env OS_USERNAME)'),
  text('--os-user-id', 'user ID (env OS_USER_ID)'),
  text('--os-password', 'password (env OS_PASSWORD)'),
  text('--os-project-name --os-tenant-name', 'project name (env OS_PROJECT_NAME or OS_TENANT_NAME)'),
  text('--os-project-id --os-tenant-id', 'project ID (env OS_PROJECT_ID or OS_TENANT_ID)'),
  text('--os-user-domain-name', "name of the user's domain (env OS_USER_DOMAIN_NAME)"),
  text('--os-user-domain-id', "ID of the user's domain (env OS_USER_DOMAIN_ID)"),
  text('--os-project-domain-name', "name of the project's domain (env OS_PROJECT_DOMAIN_NAME)"),
  text('--os-project-domain-id', "ID of the project's domain (env OS_PROJECT_DOMAIN_ID)"),
  text('--os-region-name', 'region (env OS_REGION_NAME)'),
  text('--os-token', 'a token instead of name and password (env OS_TOKEN)'),
  text('--os-url --os-endpoint', 'address of the service, with --os-token (env OS_URL)'),
  text('--os-cacert', 'PEM file of the authorities to trust (env OS_CACERT)'),
  text('--os-cert', "PEM file of the client's certificate (env OS_CERT)"),
  text('--os-key', "PEM file of the client's key (env OS_KEY)"),
  text('--os-endpoint-type --endpoint-type --os-interface', 'publicURL, internalURL or adminURL', {
    key: 'os_endpoint_type',
  }),
  text('--os-service-type --service-type', 'type of the networking service in the catalog', { key: 'os_service_type' }),
  text('--os-auth-strategy', 'keystone or noauth', { choices: ['keystone', 'noauth'] }),
  text('--os-cloud', 'a cloud of clouds.yaml (env OS_CLOUD)'),
  // Accepted because scripts set them; there is one version of each API here.
  text('--os-identity-api-version', '', { hidden: true }),
  text('--os-network-api-version', '', { hidden: true }),
  text('--os-compute-api-version', '', { hidden: true }),
  text('--os-auth-type --os-auth-plugin', '', { hidden: true, key: 'os_auth_type' }),
]

export interface CommandLine {
  readonly globals: ParsedArgs
  /** everything from the command's name on, without the global options found there */
  readonly rest: readonly string[]
}

const ANYWHERE = /^(--os-.*|--debug|--insecure|-v|--verbose|-q|--quiet)$/

/** Takes the global options off a command line. Those about the cloud may also stand behind the command. */
export function splitCommandLine(argv: readonly string[], options = GLOBAL_OPTIONS): CommandLine {
  const byFlag = new Map(
    options.flatMap((option) => option.flags.map((name) => [canonicalFlag(name), option] as const)),
  )
  const taken: string[] = []
  const rest: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!
    if (token === '--') {
      rest.push(...argv.slice(at))
      break
    }
    const name = canonicalFlag(token.startsWith('--') ? token.replace(/=.*$/s, '') : token)
    const option = isOption(token) && (rest.length === 0 || ANYWHERE.test(name)) ? byFlag.get(name) : undefined
    if (!option && rest.length === 0 && isOption(token)) throw new UsageError(`unrecognized arguments: ${token}`)
    if (!option) rest.push(token)
    else if (option.kind === 'flag' || token.includes('=')) taken.push(token)
    else taken.push(token, ...argv.slice(++at, at + 1))
  }
  return { globals: parseArguments({ positionals: [], options }, taken), rest }
}
