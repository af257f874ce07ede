import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CredentialsError } from '../../client/errors.js'
import { isRecord } from '../output/value.js'
import type { Io } from './io.js'
import { parseSimpleYaml } from './simple-yaml.js'

/**
 * One cloud of the first clouds.yaml found in the working directory, ~/.config/openstack and /etc/openstack, as the
 * keys of global options. A missing file or cloud is a CredentialsError.
 */
export function readCloud(name: string, io: Io): Readonly<Record<string, string | undefined>> {
  const { file, text } = firstFile(io)
  const data = parseSimpleYaml(text, file)
  const clouds = isRecord(data) && isRecord(data.clouds) ? data.clouds : {}
  const cloud = clouds[name]
  if (!isRecord(cloud)) throw new CredentialsError(`Cloud ${name} was not found.`)
  return { ...prefixed(isRecord(cloud.auth) ? cloud.auth : {}), ...prefixed(cloud), verify: textOf(cloud.verify) }
}

function firstFile(io: Io): { file: string; text: string } {
  const given = io.env.OS_CLIENT_CONFIG_FILE
  const directories = [io.directory, join(io.home, '.config/openstack'), '/etc/openstack']
  const files = directories.flatMap((directory) => [join(directory, 'clouds.yaml'), join(directory, 'clouds.yml')])
  for (const file of given ? [given, ...files] : files) {
    try {
      return { file, text: readFileSync(file, 'utf8') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new CredentialsError('no clouds.yaml was found in ., ~/.config/openstack and /etc/openstack')
}

const RENAMED: Readonly<Record<string, string>> = {
  interface: 'endpoint_type',
  endpoint: 'url',
  tenant_name: 'project_name',
  tenant_id: 'project_id',
  domain_name: 'user_domain_name',
  domain_id: 'user_domain_id',
}

function prefixed(record: Readonly<Record<string, unknown>>): Record<string, string | undefined> {
  const scalars = Object.entries(record).filter(([, value]) => typeof value !== 'object')
  return Object.fromEntries(scalars.map(([key, value]) => [`os_${RENAMED[key] ?? key}`, textOf(value)]))
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value)
}
