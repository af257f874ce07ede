/**
 * Splits a byte stream into JSON values: RFC 7047 sends objects one after the other, without a length or a
 * delimiter between them, so the end of one is where its braces are balanced.
 */
export class JsonStream {
  #text = ''
  #scanned = 0
  #depth = 0
  #inString = false
  #escaped = false

  /** Takes the next piece of the stream and returns the values completed by it. Throws SyntaxError on garbage. */
  push(piece: string): unknown[] {
    this.#text += piece
    const values: unknown[] = []
    let start = 0
    for (let i = this.#scanned; i < this.#text.length; i++) {
      if (!this.#step(this.#text.charCodeAt(i))) continue
      values.push(JSON.parse(this.#text.slice(start, i + 1)))
      start = i + 1
    }
    this.#text = this.#text.slice(start)
    this.#scanned = this.#text.length
    return values
  }

  /** Looks at one character; true when it ends a top-level value. */
  #step(char: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (char === 0x5c) this.#escaped = true
      else if (char === 0x22) this.#inString = false
      return false
    }
    if (char === 0x22) this.#inString = true
    else if (char === 0x7b || char === 0x5b) this.#depth++
    else if (char === 0x7d || char === 0x5d) return --this.#depth === 0
    return false
  }
}
