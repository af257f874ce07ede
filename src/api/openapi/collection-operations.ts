/** The operations that every collection has. */
import type { Compiled } from '../resources/definition.js'
import { BOOLEAN_TEXT, toBoolean } from '../wire/convert.js'
import { TEXT } from '../wire/schema.js'
import { type Operation, type QueryParameter, repeatable, wrapped } from './operation.js'
import { createBody, createdReply, listReply, refTo } from './resource-schemas.js'

type Verb = 'list' | 'show' | 'create' | 'update' | 'delete'

export function collectionOperations(compiled: Compiled): Readonly<Record<Verb, Operation>> {
  const { resource } = compiled
  const { name, plural } = resource
  const spoken = name.replaceAll('_', ' ')
  const article = /^[aeiou]/.test(spoken) ? 'an' : 'a'
  const shown = wrapped(name, refTo(name))
  return {
    list: {
      id: `list_${plural}`,
      summary: `List ${plural.replaceAll('_', ' ')}`,
      query: listParameters(compiled),
      reply: listReply(resource),
    },
    show: { id: `show_${name}`, summary: `Show ${article} ${spoken}`, query: ['fields'], reply: shown },
    create: {
      id: `create_${name}`,
      summary: `Create ${article} ${spoken}, or several at once`,
      body: createBody(resource),
      reply: createdReply(resource),
    },
    update: {
      id: `update_${name}`,
      summary: `Change ${article} ${spoken}`,
      body: wrapped(name, refTo(name, 'Update')),
      reply: shown,
      ifMatch: true,
    },
    delete: { id: `delete_${name}`, summary: `Delete ${article} ${spoken}`, ifMatch: true },
  }
}

/** Options of the list, and its filters: of one filter one value is enough, of several all must hold. */
export function listParameters({ filters, sortKeys, attributes }: Compiled): NonNullable<Operation['query']> {
  const isBoolean = (name: string) => attributes.get(name)?.convert === toBoolean
  const filter = (name: string): QueryParameter => repeatable(name, isBoolean(name) ? BOOLEAN_TEXT : TEXT)
  const sortKey = repeatable('sort_key', { enum: [...sortKeys] })
  return [
    'fields',
    ...(sortKeys.size > 0 ? [sortKey, 'sort_dir' as const] : []),
    'limit',
    'marker',
    'page_reverse',
    ...[...filters].map(filter),
  ]
}
