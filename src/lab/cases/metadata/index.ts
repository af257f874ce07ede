import type { Case } from '../case.js'
import { metadataForged } from './forged.js'
import { metadataIsolated } from './isolated.js'
import { metadataDvr, metadataLegacy } from './routed.js'

export const METADATA_CASES: readonly Case[] = [metadataDvr, metadataLegacy, metadataIsolated, metadataForged]
