import type { IncomingMessage, RequestListener } from 'node:http'
import type { Logger } from '../../base/log.js'
import type { Neutron } from '../clients/neutron.js'
import { readNetworkInfo } from '../core/addresses.js'
import type { NovaStore } from '../core/store.js'
import { metadataTree } from './documents.js'
import { identify, MetadataFault } from './request.js'
import { lookUp } from './tree.js'

export interface MetadataOptions {
  readonly store: NovaStore
  readonly neutron: Neutron
  /** requests come through the network service's metadata agents, signed with `secret` */
  readonly proxied: boolean
  readonly secret: string
  readonly domain: string
  readonly log: Logger
}

/** The metadata service: what instances ask 169.254.169.254. Answers are texts. */
export function metadataHandler(options: MetadataOptions): RequestListener {
  return (request, response) => {
    answer(options, request).then(
      ({ body, type }) => response.writeHead(200, { 'content-type': type }).end(body),
      (error: Error) => {
        const status = error instanceof MetadataFault ? error.status : 500
        if (status === 500) options.log.error({ err: error, url: request.url }, 'metadata request failed')
        else options.log.info({ status, reason: error.message, url: request.url }, 'metadata request refused')
        const text = status === 500 ? 'An unknown error has occurred. Please try your request again.' : error.message
        response.writeHead(status, { 'content-type': 'text/plain; charset=UTF-8' }).end(`${text}\n`)
      },
    )
  }
}

async function answer(
  options: MetadataOptions,
  request: IncomingMessage,
): Promise<{ body: string | Buffer; type: string }> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new MetadataFault(405, 'Only GET is allowed.')
  // without a proxy only an address would tell instances apart, and networks of different projects may use the same
  if (!options.proxied) throw new MetadataFault(404, '[neutron] service_metadata_proxy is off.')
  const { instanceId, projectId } = identify(request.headers, options.secret)
  const instance = options.store.instance(instanceId)
  if (!instance || instance.projectId !== projectId)
    throw new MetadataFault(404, `No instance ${instanceId} of that project.`)
  const path = new URL(request.url ?? '/', 'http://metadata').pathname
  const [info, subnets] = await Promise.all([
    readNetworkInfo(options.neutron, [instance], { groups: true }),
    options.neutron.list('subnets', { network_id: [...new Set(instance.ports.map((port) => port.networkId))] }),
  ])
  const keyPair = options.store.keypairs(instance.userId).find((pair) => pair.name === instance.keyName) ?? null
  const body = lookUp(metadataTree({ instance, info, subnets, keyPair, domain: options.domain }), path)
  if (body === null) throw new MetadataFault(404, 'There is nothing at that path.')
  return { body, type: path.endsWith('.json') ? 'application/json' : 'text/plain; charset=UTF-8' }
}
