import { fileURLToPath } from 'node:url'
import type { Cloud } from './cloud.js'
import { type Conversation, converse } from './conversation.js'
import type { Place } from './places.js'

const SPEAKER = fileURLToPath(new URL('./speaker.js', import.meta.url))

/** Starts a program of `speaker.ts`. */
export function talk(cloud: Cloud, place: Place, ...args: string[]): Promise<Conversation> {
  return converse(cloud, place, [process.execPath, SPEAKER, ...args])
}
