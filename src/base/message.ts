/** A JSON message of another process, an object with a `type`; null when the text is no such thing. */
export function parseMessage<T extends { readonly type: string }>(data: unknown): T | null {
  try {
    const message = JSON.parse(String(data)) as T | null
    return typeof message?.type === 'string' ? message : null
  } catch {
    return null
  }
}

/** Percent-decoded text; null when it is malformed. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
