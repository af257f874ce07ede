import { readFileSync } from 'node:fs'
import type { ClientConfig } from 'pg'

/** `postgresql+psycopg2://user:password@host:port/database?parameter=value`; all but the scheme may be missing. */
const URL_PARTS =
  /^[\w+]+:\/\/(?:(?<user>[^:/@]*)(?::(?<password>[^@]*))?@)?(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^/:?]*))(?::(?<port>\d+))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/

type Parameters = ReadonlyMap<string, string>

/** Parameters of libpq that are understood; another one is refused, for it may be one that protects something. */
const PARAMETERS: Readonly<Record<string, (value: string, all: Parameters) => ClientConfig>> = {
  // a host with a slash is the directory of the server's Unix socket
  host: (host) => ({ host }),
  port: (port) => ({ port: Number(port) }),
  user: (user) => ({ user }),
  password: (password) => ({ password }),
  dbname: (database) => ({ database }),
  application_name: (application_name) => ({ application_name }),
  connect_timeout: (seconds) => ({ connectionTimeoutMillis: Number(seconds) * 1000 }),
  options: (options) => ({ options }),
  client_encoding: () => ({}),
  sslmode: (mode, all) => ({ ssl: tls(mode, all) }),
  sslrootcert: () => ({}),
  sslcert: () => ({}),
  sslkey: () => ({}),
}

/** The client's options for a connection URL of SQLAlchemy. Errors do not show the URL: it has a password. */
export function clientConfig(url: string): ClientConfig {
  const parts = URL_PARTS.exec(url)?.groups
  if (!parts) throw new Error('[database] connection: not of the form postgresql://user:password@host:port/database')
  const given = {
    user: decoded(parts.user),
    password: decoded(parts.password),
    host: parts.ipv6 ?? decoded(parts.host),
    port: parts.port === undefined ? undefined : Number(parts.port),
    database: decoded(parts.database),
  }
  const config: ClientConfig = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const parameters = new Map(new URLSearchParams(parts.query ?? ''))
  for (const [name, value] of parameters) {
    const read = PARAMETERS[name]
    if (!read) throw new Error(`[database] connection: the parameter '${name}' is not supported`)
    Object.assign(config, read(value, parameters))
  }
  return config
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined || part === '') return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error("[database] connection: '%' in a name or password is written '%25'")
  }
}

/** libpq's meaning of `sslmode`; `allow` and `prefer`, which promise nothing, are without TLS. */
function tls(mode: string, all: Parameters): ClientConfig['ssl'] {
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return false
  if (mode !== 'require' && mode !== 'verify-ca' && mode !== 'verify-full')
    throw new Error(`[database] connection: sslmode '${mode}' is not known`)
  const file = (name: string) => {
    const path = all.get(name)
    return path === undefined ? undefined : readFileSync(path)
  }
  const ca = file('sslrootcert')
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(all.has('sslcert') ? { cert: file('sslcert'), key: file('sslkey') } : {}),
    // with a CA at hand, `require` checks it as `verify-ca` does
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
}
