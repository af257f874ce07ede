/** A directory of metadata: names to texts or to further directories. */
export interface MetadataTree {
  readonly [name: string]: string | Buffer | MetadataTree | undefined
}

/**
 * What stands at a path: a text as it is; of a directory its names, one a line, directories with a `/` behind.
 * Null when there is nothing.
 */
export function lookUp(tree: MetadataTree, path: string): string | Buffer | null {
  let node: string | Buffer | MetadataTree = tree
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (typeof node === 'string' || Buffer.isBuffer(node) || !Object.hasOwn(node, name)) return null
    const next: string | Buffer | MetadataTree | undefined = node[name]
    if (next === undefined) return null
    node = next
  }
  return typeof node === 'string' || Buffer.isBuffer(node) ? node : listing(node)
}

function listing(tree: MetadataTree): string {
  return Object.entries(tree)
    .filter(([, node]) => node !== undefined)
    .map(([name, node]) => (typeof node === 'string' || Buffer.isBuffer(node) ? name : `${name}/`))
    .join('\n')
}
