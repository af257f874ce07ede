/** A step's expectation that did not hold. */
export class Unexpected extends Error {
  override name = 'Unexpected'
}

/** A command that was expected to succeed did not; where something is waited for, it may yet. */
export class CommandFailed extends Unexpected {}

/** Throws `Unexpected` with `otherwise`, a line for the user, when the condition does not hold. */
export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Unexpected(otherwise)
}
