import type { Case } from '../case.js'
import { securityGroupProtocols } from './protocols.js'
import { securityGroupSessions } from './sessions.js'

export const SECURITY_GROUP_CASES: readonly Case[] = [securityGroupProtocols, securityGroupSessions]
