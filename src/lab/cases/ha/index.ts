import type { Case } from '../case.js'
import { haRouterDvr, haRouterLegacy } from './router.js'

/** Highly available routers: what happens when a network node does not. */
export const HA_CASES: readonly Case[] = [haRouterLegacy, haRouterDvr]
