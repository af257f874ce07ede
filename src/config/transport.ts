import { bool, ConfigError, ignored, int, oneOf, optionalStr, str } from './options.js'

/** `[DEFAULT]` options of the way between server and agents; names and defaults are oslo.messaging's. */
export const transportDefault = {
  transport_url: str('stream://127.0.0.1:9690/'),
  control_exchange: str('neutron'),
  /** seconds that a server is given to answer an agent before the agent asks again */
  rpc_response_timeout: int(60),
}

/** `[oslo_messaging_rabbit]`. */
export const rabbitSection = {
  ssl: bool(false, { aliases: ['rabbit_use_ssl'] }),
  ssl_ca_file: optionalStr({ aliases: ['kombu_ssl_ca_certs'] }),
  ssl_cert_file: optionalStr({ aliases: ['kombu_ssl_certfile'] }),
  ssl_key_file: optionalStr({ aliases: ['kombu_ssl_keyfile'] }),
  ssl_version: ignored('TLS 1.2 and newer are used'),
  /** seconds after which a silent broker, or a silent client, counts as gone; 0: never */
  heartbeat_timeout_threshold: int(60),
  heartbeat_rate: ignored('a heartbeat is sent twice in heartbeat_timeout_threshold'),
  rabbit_login_method: oneOf(['PLAIN', 'AMQPLAIN'], 'AMQPLAIN'),
  kombu_failover_strategy: oneOf(['round-robin', 'shuffle'], 'round-robin'),
  /** of the control exchange: must be what other services of the same virtual host declare */
  amqp_durable_queues: bool(false, { aliases: ['rabbit_durable_queues'] }),
  amqp_auto_delete: bool(false),
  rabbit_host: ignored('set transport_url'),
  rabbit_port: ignored('set transport_url'),
  rabbit_hosts: ignored('set transport_url'),
  rabbit_userid: ignored('set transport_url'),
  rabbit_password: ignored('set transport_url'),
  rabbit_virtual_host: ignored('set transport_url'),
  rabbit_retry_interval: ignored('a lost connection is tried again after 50 ms, then less often, every 2 s at last'),
  rabbit_retry_backoff: ignored('a lost connection is tried again after 50 ms, then less often, every 2 s at last'),
  rabbit_interval_max: ignored('a lost connection is tried again after 50 ms, then less often, every 2 s at last'),
  rabbit_ha_queues: ignored('nothing in a queue must outlast the broker'),
  rabbit_quorum_queue: ignored('nothing in a queue must outlast the broker'),
  rabbit_transient_queues_ttl: ignored('a queue ends with the connection of its reader'),
  rabbit_qos_prefetch_count: ignored('what is read ahead is limited already'),
  direct_mandatory_flag: ignored('every message is mandatory'),
}

/** `stream://[user:SECRET@]host[:9690]/`: neutron-server itself serves its agents. */
export interface StreamTransport {
  readonly scheme: 'stream'
  readonly host: string
  readonly port: number
  readonly secret: string
}

export interface BrokerAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** `rabbit://user:password@host[:5672][,user:password@host…]/[virtual host]`: RabbitMQ is between server and agents. */
export interface RabbitTransport {
  readonly scheme: 'rabbit'
  readonly brokers: readonly BrokerAddress[]
  readonly virtualHost: string
  readonly exchange: { readonly name: string; readonly durable: boolean; readonly autoDelete: boolean }
  readonly loginMethod: 'PLAIN' | 'AMQPLAIN'
  /** whether the next broker is one of the others at random, not the next in order */
  readonly shuffle: boolean
  /** seconds, see the options */
  readonly heartbeat: number
  readonly answerTimeout: number
  /** files in PEM format; null: TCP without TLS */
  readonly tls: { readonly ca: string | null; readonly certificate: string | null; readonly key: string | null } | null
}

export type Transport = StreamTransport | RabbitTransport

interface TransportConfig {
  readonly DEFAULT: {
    readonly transport_url: string
    readonly control_exchange: string
    readonly rpc_response_timeout: number
  }
  readonly oslo_messaging_rabbit: RabbitOptions
}

type RabbitOptions = {
  readonly [K in keyof typeof rabbitSection]: (typeof rabbitSection)[K]['fallback']
}

/** Errors never have the URL in them: it has a password. */
class TransportError extends ConfigError {
  constructor(text: string) {
    super(`[DEFAULT] transport_url: ${text}`)
  }
}

/** The way between server and agents that a service's options name. */
export function transportOf(config: TransportConfig): Transport {
  const { transport_url: text, control_exchange: name, rpc_response_timeout: answerTimeout } = config.DEFAULT
  const url = splitUrl(text)
  if (url.scheme === 'stream') return streamOf(url, 9690)
  if (url.scheme !== 'rabbit') throw new TransportError(`${url.scheme}:// is not served: use stream:// or rabbit://`)
  const options = overridden(config.oslo_messaging_rabbit, url.query)
  const port = options.ssl ? 5671 : 5672
  return {
    scheme: 'rabbit',
    brokers: url.hosts.map((host) => brokerOf(host, port)),
    virtualHost: decode(url.path) || '/',
    exchange: { name, durable: options.amqp_durable_queues, autoDelete: options.amqp_auto_delete },
    loginMethod: options.rabbit_login_method,
    shuffle: options.kombu_failover_strategy === 'shuffle',
    heartbeat: options.heartbeat_timeout_threshold,
    answerTimeout,
    tls: options.ssl
      ? { ca: options.ssl_ca_file, certificate: options.ssl_cert_file, key: options.ssl_key_file }
      : null,
  }
}

/** A `stream://` URL. Throws on any other: for services that have no other way. */
export function parseStreamUrl(text: string, usualPort: number): StreamTransport {
  const url = splitUrl(text)
  if (url.scheme !== 'stream') throw new TransportError(`${url.scheme}:// is not served here: use stream://`)
  return streamOf(url, usualPort)
}

interface SplitUrl {
  readonly scheme: string
  readonly hosts: readonly string[]
  /** without the slash before it */
  readonly path: string
  readonly query: string
}

function splitUrl(text: string): SplitUrl {
  const match = text.match(/^([a-z][a-z0-9+.-]*):\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/i)
  if (!match) throw new TransportError("this is not of the form 'scheme://user:password@host:port/'")
  const [, scheme = '', places = '', path = '', query = ''] = match
  const hosts = places.split(',').filter((host) => host !== '')
  if (hosts.length === 0) throw new TransportError('it has no host')
  return { scheme: scheme.toLowerCase(), hosts, path, query }
}

function streamOf({ hosts }: SplitUrl, usualPort: number): StreamTransport {
  if (hosts.length !== 1) throw new TransportError('stream:// takes one host')
  const { host, port, password } = splitHost(hosts[0]!)
  return { scheme: 'stream', host, port: port ?? usualPort, secret: password ?? '' }
}

/** What a broker's client assumes when the URL names no user is RabbitMQ's own first user. */
function brokerOf(text: string, usualPort: number): BrokerAddress {
  const { host, port, user, password } = splitHost(text)
  if (user === null) return { host, port: port ?? usualPort, user: 'guest', password: 'guest' }
  return { host, port: port ?? usualPort, user, password: password ?? '' }
}

function splitHost(text: string) {
  const at = text.lastIndexOf('@')
  const [user, password] = at < 0 ? [null, null] : splitOnce(text.slice(0, at))
  const place = text.slice(at + 1).match(/^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d+))?$/i)
  if (!place) throw new TransportError("a host is not of the form 'user:password@host:port'")
  return {
    host: (place[1] ?? place[2])!,
    port: place[3] === undefined ? null : Number(place[3]),
    user: user === null ? null : decode(user),
    password: password === null ? null : decode(password),
  }
}

function splitOnce(credentials: string): [string, string] {
  const colon = credentials.indexOf(':')
  return colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TransportError("'%' is not followed by two hexadecimal digits")
  }
}

/** `?ssl=1&heartbeat_timeout_threshold=30`: options of the section, for this URL. */
function overridden(options: RabbitOptions, query: string): RabbitOptions {
  const named = [...new URLSearchParams(query)].map(([key, value]) => {
    if (!Object.hasOwn(rabbitSection, key)) throw new TransportError(`there is no option '${key}'`)
    const option = rabbitSection[key as keyof typeof rabbitSection]
    return [key, option.parse([value])]
  })
  return { ...options, ...Object.fromEntries(named) }
}
