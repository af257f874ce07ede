/** A long list's answer: made while it is sent, so that it is never in memory as a whole, and others are served in between. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { toJson } from './json.js'
import type { Present } from './present.js'

/** A list with more objects is long. */
const LONG = 1000
/** Objects that are presented at once. */
const PIECE = 200

type Objects = Parameters<Present>[0][]

export function isLong(objects: readonly unknown[]): boolean {
  return objects.length > LONG
}

/** Sends `{"<plural>": […], …rest}`, the objects presented one piece after the other. */
export function sendInPieces(
  reply: FastifyReply,
  plural: string,
  objects: Readonly<Objects>,
  present: Present,
  rest: Readonly<Record<string, unknown>>,
): FastifyReply {
  return reply
    .type('application/json; charset=utf-8')
    .send(Readable.from(pieces(plural, objects, present, rest), { objectMode: false }))
}

function* pieces(
  plural: string,
  objects: Readonly<Objects>,
  present: Present,
  rest: Readonly<Record<string, unknown>>,
): Generator<Buffer> {
  for (let at = 0; at < objects.length; at += PIECE) {
    const items = toJson(objects.slice(at, at + PIECE).map((object) => present(object))).slice(1, -1)
    yield Buffer.from(at === 0 ? `{${JSON.stringify(plural)}:[${items}` : `,${items}`)
  }
  const others = toJson(rest).slice(1)
  yield Buffer.from(others === '}' ? ']}' : `],${others}`)
}
