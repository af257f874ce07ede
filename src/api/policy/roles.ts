/** Roles that each role includes, as Keystone's bootstrap sets them up; a token of another identity service may not expand them. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  admin: ['manager', 'member', 'reader'],
  manager: ['member', 'reader'],
  member: ['reader'],
}

/** Role names in lower case (Neutron compares without case), each once, implied ones included. */
export function effectiveRoles(roles: readonly string[]): string[] {
  const own = roles.map((role) => role.toLowerCase())
  return [...new Set(own.flatMap((role) => [role, ...(IMPLIED[role] ?? [])]))]
}
