import type { Case } from '../case.js'
import { instanceMigration } from './migration.js'
import { secondInterface } from './second-interface.js'
import { instanceStopStart } from './stop-start.js'

/** The life of an instance. */
export const INSTANCE_CASES: readonly Case[] = [instanceStopStart, instanceMigration, secondInterface]
