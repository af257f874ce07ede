import { CredentialsError } from '../../client/errors.js'
import type { SessionOptions } from '../../client/session.js'
import type { ParsedArgs } from '../args/parsed.js'
import type { Io } from './io.js'

type Texts = Readonly<Record<string, string | undefined>>

/**
 * Session options from the command line, then the environment, then (when a cloud is named) clouds.yaml.
 * CredentialsError names the option and the variable of what is missing.
 */
export async function sessionOptions(globals: ParsedArgs, io: Io, useClouds: boolean): Promise<SessionOptions> {
  const cloudName = useClouds ? (globals.text('os_cloud') ?? io.env.OS_CLOUD) : undefined
  const cloud: Texts = cloudName ? await (await import('./clouds.js')).readCloud(cloudName, io) : {}
  const pick = (key: string, ...variables: string[]) =>
    [globals.text(key), ...variables.map((name) => io.env[name]), cloud[key]].find((value) => value) || undefined
  const options: SessionOptions = {
    authUrl: pick('os_auth_url', 'OS_AUTH_URL'),
    username: pick('os_username', 'OS_USERNAME'),
    userId: pick('os_user_id', 'OS_USER_ID'),
    password: pick('os_password', 'OS_PASSWORD'),
    projectName: pick('os_project_name', 'OS_PROJECT_NAME', 'OS_TENANT_NAME'),
    projectId: pick('os_project_id', 'OS_PROJECT_ID', 'OS_TENANT_ID'),
    userDomainName: pick('os_user_domain_name', 'OS_USER_DOMAIN_NAME'),
    userDomainId: pick('os_user_domain_id', 'OS_USER_DOMAIN_ID', 'OS_DEFAULT_DOMAIN'),
    projectDomainName: pick('os_project_domain_name', 'OS_PROJECT_DOMAIN_NAME'),
    projectDomainId: pick('os_project_domain_id', 'OS_PROJECT_DOMAIN_ID', 'OS_DEFAULT_DOMAIN'),
    token: pick('os_token', 'OS_TOKEN'),
    endpoint: pick('os_url', 'OS_URL', 'OS_ENDPOINT'),
    region: pick('os_region_name', 'OS_REGION_NAME'),
    interface: pick('os_endpoint_type', 'OS_ENDPOINT_TYPE', 'OS_INTERFACE'),
    networkType: pick('os_service_type', 'OS_NETWORK_SERVICE_TYPE'),
    noAuth: pick('os_auth_strategy', 'OS_AUTH_STRATEGY') === 'noauth',
    endpoints: {
      network: pick('os_network_endpoint_override', 'OS_NETWORK_ENDPOINT_OVERRIDE'),
      compute: pick('os_compute_endpoint_override', 'OS_COMPUTE_ENDPOINT_OVERRIDE'),
      identity: pick('os_identity_endpoint_override', 'OS_IDENTITY_ENDPOINT_OVERRIDE'),
    },
    insecure: globals.flag('insecure') || isTrue(io.env.NEUTRONCLIENT_INSECURE) || cloud.verify === 'false',
    cacert: pick('os_cacert', 'OS_CACERT'),
    cert: pick('os_cert', 'OS_CERT'),
    key: pick('os_key', 'OS_KEY'),
    timeout: seconds(globals.text('timeout') ?? io.env.OS_NETWORK_TIMEOUT),
    retries: globals.number('retries'),
  }
  demandCredentials(options)
  return options
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && !/^(|0|false|no)$/i.test(text)
}

function seconds(text: string | undefined): number | undefined {
  const value = Number(text)
  return text && value > 0 ? value * 1000 : undefined
}

/** Says what to set, by option and by variable. */
function demandCredentials(options: SessionOptions): void {
  if (options.noAuth || (options.token && options.endpoint)) {
    if (!options.endpoint && !options.endpoints?.network) {
      throw new CredentialsError('You must provide a service URL via either --os-url or env[OS_URL]')
    }
    return
  }
  if (!options.username && !options.userId && !options.token) {
    throw new CredentialsError(
      'You must provide a username or user ID via --os-username, env[OS_USERNAME] or --os-user-id, env[OS_USER_ID]',
    )
  }
  if (!options.password && !options.token) {
    throw new CredentialsError('You must provide a password via either --os-password or env[OS_PASSWORD]')
  }
  if (!options.projectName && !options.projectId) {
    throw new CredentialsError(
      'You must provide a project name or project ID via --os-project-name, env[OS_PROJECT_NAME], ' +
        '--os-project-id, env[OS_PROJECT_ID] (--os-tenant-name, env[OS_TENANT_NAME] and --os-tenant-id, ' +
        'env[OS_TENANT_ID] mean the same)',
    )
  }
  if (!options.authUrl) {
    throw new CredentialsError('You must provide an auth url via either --os-auth-url or env[OS_AUTH_URL]')
  }
}
