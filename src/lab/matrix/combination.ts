import type { ExternalType } from '../proof/objects.js'

export type ProjectType = 'vxlan' | 'gre' | 'vlan'
export type RouterType = 'dvr' | 'legacy'

/** One way to build a cloud: type of the project networks, of the external network, of the router. */
export interface Combination {
  readonly project: ProjectType
  readonly external: ExternalType
  readonly router: RouterType
}

/** MTU that instances must be given, with physical networks of 1500 under an underlay of 1600 (50 and 42 bytes around). */
export const PROJECT_MTU: Readonly<Record<ProjectType, number>> = { vxlan: 1450, gre: 1458, vlan: 1500 }

const PROJECTS: readonly ProjectType[] = ['vxlan', 'gre', 'vlan']
const EXTERNALS: readonly ExternalType[] = ['flat', 'vlan']
const ROUTERS: readonly RouterType[] = ['dvr', 'legacy']

export const COMBINATIONS: readonly Combination[] = PROJECTS.flatMap((project) =>
  EXTERNALS.flatMap((external) => ROUTERS.map((router) => ({ project, external, router }))),
)

export function titleOf({ project, external, router }: Combination): string {
  return `${project},${external},${router}`
}

/**
 * The combinations that `--only` names: `vxlan,flat,dvr` is one; parts left out or written `*` stand for all
 * (`gre` is four, `*,vlan` six). Throws with a line for the user.
 */
export function chosen(only: string | undefined): readonly Combination[] {
  if (only === undefined) return COMBINATIONS
  const [project = '*', external = '*', router = '*', ...more] = only.split(',').map((part) => part.trim())
  const fits = (wanted: string, is: string) => wanted === '*' || wanted === is
  const found = COMBINATIONS.filter(
    (one) => fits(project, one.project) && fits(external, one.external) && fits(router, one.router),
  )
  if (found.length > 0 && more.length === 0) return found
  const choices = [PROJECTS, EXTERNALS, ROUTERS].map((part) => part.join('|')).join(',')
  throw new Error(`--only '${only}' names no combination: ${choices}, '*' for all of a part`)
}
