import { flag, type Option, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import type { Command, Context } from '../common/command.js'
import { NOTHING } from '../output/result.js'
import { idOf, type Resource, target } from './resource.js'
import type { Complete } from './write.js'

const UNSET_TAGS: readonly Option[] = [
  text('--tag', 'take this tag away', { key: '_tags', repeat: true, group: 'tags' }),
  flag('--all-tag', 'take all tags away', { key: '_all_tags', group: 'tags' }),
]

/** `unset`: takes values and tags away. */
export function unsetCommand(
  what: Resource,
  spec: { readonly summary: string; readonly options?: readonly Option[]; readonly complete?: Complete },
): Command {
  return {
    summary: spec.summary,
    positionals: [target(what)],
    options: [...(spec.options ?? []), ...UNSET_TAGS],
    async run(context, args) {
      const id = await idOf(context, what, args.need('target'))
      const { network } = context.session
      const body = attributesOf(spec.options ?? [], args)
      const current = async () => (await network.show(what.path, id)) as unknown as Record<string, unknown>
      await spec.complete?.(context, args, body, current)
      if (Object.keys(body).length > 0) await network.update(what.path, id, body)
      if (args.flag('_all_tags')) await network.put(`/v2.0/${what.path}/${id}/tags`, { tags: [] })
      await removeTags(context, what, id, args.texts('_tags'))
      return NOTHING
    },
  }
}

async function removeTags(context: Context, what: Resource, id: string, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    await context.session.network.delete(`/v2.0/${what.path}/${id}/tags/${encodeURIComponent(tag)}`)
  }
}
