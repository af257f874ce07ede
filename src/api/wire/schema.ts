/**
 * JSON Schema (draft 2020-12) beside the code that enforces it. A check carries the schema of what passes, a
 * conversion what it takes from it: so the API's description (openapi/) says what the server does.
 */
export interface Schema {
  readonly $ref?: string
  readonly type?: SchemaType | readonly SchemaType[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly format?: string
  readonly maxLength?: number
  readonly minLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly uniqueItems?: boolean
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly maxProperties?: number
  readonly additionalProperties?: boolean | Schema
  readonly anyOf?: readonly Schema[]
  readonly default?: unknown
  readonly description?: string
}

export type SchemaType = 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'array' | 'object'

/** What passes a check. */
export interface Described {
  readonly schema?: Schema
}

/** What a conversion takes, given what its result must be; and what its result is whatever it takes. */
export interface Taking {
  readonly takes?: (result: Schema) => Schema
  readonly gives?: Schema
}

/** A check with the schema of what passes it. */
export function checking<F extends (value: unknown) => string | null>(schema: Schema, check: F): F & Described {
  return Object.assign(check, { schema })
}

/** A conversion with what it takes and gives. */
export function taking<F extends (value: unknown) => unknown>(facts: Taking, convert: F): F & Taking {
  return Object.assign(convert, facts)
}

/** Whatever there is. */
export const ANY: Schema = {}
export const TEXT: Schema = { type: 'string' }
export const NULL: Schema = { type: 'null' }

/** `schema`, or one of the others. */
export function either(schema: Schema, ...others: readonly Schema[]): Schema {
  if (Object.keys(schema).length === 0) return schema
  return { anyOf: [...(schema.anyOf ?? [schema]), ...others] }
}

export const orNullSchema = (schema: Schema) => either(schema, NULL)

/** An object with these keys and no others. */
export function objectOf(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false }
}

/** An object of which only these keys matter. */
export function objectWith(properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) }
}

export const arrayOf = (items: Schema): Schema => ({ type: 'array', items })
