/** A directory of metadata: names to texts or to further directories. */
export interface MetadataTree {
  readonly [name: string]: string | Buffer | MetadataTree | undefined
}

/** Entry of a directory by which its parent lists it, instead of by its name ('': not at all); cannot be asked for. */
export const LISTED_AS = '_name'

/**
 * What stands at a path: a text as it is; of a directory its names, sorted, one a line, directories with a `/` behind
 * (Nova: `ec2_md_print`). Null when there is nothing.
 */
export function lookUp(tree: MetadataTree, path: string): string | Buffer | null {
  let node: string | Buffer | MetadataTree = tree
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (isText(node) || name === LISTED_AS || !Object.hasOwn(node, name)) return null
    const next: string | Buffer | MetadataTree | undefined = node[name]
    if (next === undefined) return null
    node = next
  }
  return isText(node) ? node : listing(node)
}

function listing(tree: MetadataTree): string {
  return Object.entries(tree)
    .filter(([name, node]) => node !== undefined && name !== LISTED_AS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, node]) => (isText(node!) ? name : ((node as MetadataTree)[LISTED_AS] ?? `${name}/`)))
    .filter((name) => name !== '')
    .join('\n')
}

function isText(node: string | Buffer | MetadataTree): node is string | Buffer {
  return typeof node === 'string' || Buffer.isBuffer(node)
}
