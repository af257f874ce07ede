import type { Case } from '../case.js'
import { allowedAddressPairs } from './address-pairs.js'
import { securityGroupLogs } from './logs.js'
import { securityGroupMembers } from './members.js'
import { portSecurityOff } from './port-security-off.js'
import { securityGroupProtocols } from './protocols.js'
import { securityGroupSessions } from './sessions.js'

export const SECURITY_GROUP_CASES: readonly Case[] = [
  securityGroupProtocols,
  securityGroupSessions,
  securityGroupMembers,
  securityGroupLogs,
  portSecurityOff,
  allowedAddressPairs,
]
