/** The schemas of a resource's objects: as they are shown, made and changed. */
import { type Attribute, type Compiled, type CompiledAttribute, type Resource, UNSET } from '../resources/definition.js'
import { takenBy } from '../wire/convert.js'
import { ANY, arrayOf, NULL, objectOf, objectWith, orNullSchema, type Schema } from '../wire/schema.js'

const PROJECT = ['tenant_id', 'project_id']

/** `security_group_rule` → `SecurityGroupRule` */
export function schemaName(name: string, ending = ''): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()) + ending
}

export const refTo = (name: string, ending = ''): Schema => ({
  $ref: `#/components/schemas/${schemaName(name, ending)}`,
})

/** By name: the object, and what makes and changes it where the API has that. */
export function resourceSchemas(compiled: Compiled): Record<string, Schema> {
  const { name, policy } = compiled.resource
  return {
    [schemaName(name)]: shownObject(compiled),
    ...(policy.create && { [schemaName(name, 'Create')]: createdObject(compiled) }),
    ...(policy.update && { [schemaName(name, 'Update')]: updatedObject(compiled) }),
  }
}

/** The body of a POST: one object, or several under the plural. What else the body has is not looked at. */
export function createBody({ name, plural }: Resource): Schema {
  const one = refTo(name, 'Create')
  const several = { ...arrayOf({ anyOf: [one, objectWith({ [name]: one })] }), minItems: 1 }
  return { anyOf: [objectWith({ [name]: one }), objectWith({ [plural]: several })] }
}

/** The answer to it. */
export function createdReply({ name, plural }: Resource): Schema {
  return { anyOf: [objectOf({ [name]: refTo(name) }, [name]), objectOf({ [plural]: arrayOf(refTo(name)) }, [plural])] }
}

export function listReply({ name, plural }: Resource): Schema {
  const link = objectOf({ rel: { enum: ['next', 'previous'] }, href: { type: 'string' } }, ['rel', 'href'])
  return objectOf({ [plural]: arrayOf(refTo(name)), [`${plural}_links`]: arrayOf(link) }, [plural])
}

function shownObject({ shown, attributes, resource }: Compiled): Schema {
  const embeds = resource.embeds ?? {}
  return objectOf(
    Object.fromEntries(
      shown.map(({ name }) => {
        const embedded = embeds[name]
        return [name, embedded ? arrayOf(refTo(embedded.name)) : shownValue(attributes.get(name)!)]
      }),
    ),
  )
}

function shownValue({ shows, convert, check }: Attribute): Schema {
  return shows ?? orNullSchema(check?.schema ?? convert?.gives ?? ANY)
}

function createdObject({ settableOnPost }: Compiled): Schema {
  const required = settableOnPost.filter((attribute) => !('fallback' in attribute)).map(({ name }) => name)
  return objectOf(Object.fromEntries(settableOnPost.map((one) => [one.name, sentValue(one, true)])), required)
}

function updatedObject({ attributes }: Compiled): Schema {
  const settable = [...attributes.values()].filter(({ put }) => put)
  // whose object it is stays as it is: null says nothing
  const projects = PROJECT.filter((name) => attributes.has('project_id') && !attributes.get(name)?.put)
  return objectOf({
    ...Object.fromEntries(settable.map((one) => [one.name, sentValue(one, false)])),
    ...Object.fromEntries(projects.map((name) => [name, NULL])),
  })
}

function sentValue(attribute: CompiledAttribute, creating: boolean): Schema {
  const { name, convert, check, fallback } = attribute
  const schema = takenBy(convert, check?.schema ?? convert?.gives ?? ANY)
  if (PROJECT.includes(name)) return orNullSchema(schema)
  const isDefault = creating && 'fallback' in attribute && fallback !== UNSET
  return isDefault ? { ...schema, default: fallback } : schema
}
