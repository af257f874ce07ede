/** Splits a line as a shell would: blanks separate, quotes and backslashes protect. An open quote ends with the line. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  const pattern = /\s*((?:"(?:[^"\\]|\\.)*"?|'[^']*'?|\\.|[^\s"'\\])+)/gs
  for (const [, word = ''] of line.matchAll(pattern)) words.push(unquote(word))
  return words[0]?.startsWith('#') ? [] : words
}

function unquote(word: string): string {
  return word.replace(
    /"((?:[^"\\]|\\.)*)"?|'([^']*)'?|\\(.)/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (single ?? escaped ?? ''),
  )
}
