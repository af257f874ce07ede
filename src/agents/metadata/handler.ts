import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Logger } from '../../base/log.js'
import type { InstanceIndex } from './lookup.js'
import type { NovaClient } from './nova-client.js'
import { answerStatus, novaHeaders, requestOrigin } from './request.js'

export interface HandlerOptions {
  readonly nova: NovaClient
  readonly secret: string
  readonly log: Logger
  /** the instances of the current view; waits for the first one */
  readonly instances: () => Promise<InstanceIndex>
}

const LARGEST_BODY = 1 << 20

/** Answers one request of a namespace's proxy: who is it, then nova's answer for that instance. */
export async function handleMetadata(
  incoming: IncomingMessage,
  response: ServerResponse,
  { nova, secret, log, instances }: HandlerOptions,
): Promise<void> {
  const asked = requestOrigin(incoming.headers)
  if ('status' in asked) return refuse(response, asked.status, asked.reason)
  const { origin, address } = asked
  const identity = (await instances()).find(origin, address)
  if (!identity || identity.instanceId === '') {
    log.warn({ ...origin, address }, 'no single instance has this address')
    return refuse(response, 404, 'The resource could not be found.')
  }
  const body = await bodyOf(incoming)
  if (body === null) return refuse(response, 413, 'The request is too large.')
  const headers = novaHeaders(identity, address.replace(/^::ffff:/i, ''), secret)
  let answer: IncomingMessage
  try {
    answer = await nova.send(incoming.method ?? 'GET', incoming.url ?? '/', headers, body)
  } catch (error) {
    log.warn({ err: error }, 'the metadata service does not answer')
    return refuse(response, 503, 'The metadata service is not available.')
  }
  if (answer.statusCode === 403)
    log.warn('the metadata service refused: is metadata_proxy_shared_secret the same there?')
  const type = answer.headers['content-type']
  response.writeHead(answerStatus(answer.statusCode ?? 500), type ? { 'Content-Type': type } : {})
  await pipeline(answer, response)
}

export function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(`${reason}\n`)
}

/** @returns null when it is larger than anything an instance has to say */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_BODY) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
