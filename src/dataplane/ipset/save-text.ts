/** Reads `ipset save`: `create NAME hash:net family inet …`, `add NAME MEMBER`. Returns set name -> members. */
export function parseSets(text: string): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [verb, name = '', member] = line.split(' ')
    if (verb === 'create') sets.set(name, new Set())
    else if (verb === 'add' && member) sets.get(name)?.add(member)
  }
  return sets
}
