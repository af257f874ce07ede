const FIRST_MS = 50
const LONGEST_MS = 2_000

/** Pauses before trying again, in milliseconds: short ones first. */
export class Steps {
  #ms = FIRST_MS

  next(): number {
    const ms = this.#ms
    this.#ms = Math.min(ms * 2, LONGEST_MS)
    return ms
  }

  reset(): void {
    this.#ms = FIRST_MS
  }
}
