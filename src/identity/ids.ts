import { randomUUID } from 'node:crypto'

/** A Keystone id: 32 hexadecimal digits. */
export function newId(): string {
  return randomUUID().replaceAll('-', '')
}
