import fc from 'fast-check'
import type { Json } from './document.js'
import { problems, resolve } from './validate.fake.js'

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  'ip-address': ['10.0.0.7', '192.168.1.1', 'fd00::1', '999.1.1.1', 'x'],
  'mac-address': ['fa:16:3e:00:00:01', 'FA-16-3E-00-00-02', 'x'],
  cidr: ['10.0.1.0/24', '172.16.0.0/25', 'fd00::/64', '1/2'],
  'ip-address-or-cidr': ['10.0.0.9', '10.1.0.0/16', 'x'],
}

/** Values that the schema allows, plausible ones and others. */
export function anyOfSchema(document: Json, schema: Json, depth = 0): fc.Arbitrary<unknown> {
  return rough(document, schema, depth).filter((value) => problems(schema, value, document).length === 0)
}

function rough(document: Json, schema: Json, depth: number): fc.Arbitrary<unknown> {
  const inner = (one: unknown) => anyOfSchema(document, one as Json, depth + 1)
  if (typeof schema.$ref === 'string') return inner(resolve(document, schema.$ref))
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map(inner))
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  const types = [schema.type ?? ['string', 'integer', 'null']].flat() as string[]
  return fc.oneof(...types.map((type) => ofType(type, schema, inner)))
}

function ofType(type: string, schema: Json, inner: (one: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return texts(schema)
    case 'integer':
    case 'number':
      return numbers(schema)
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(inner(schema.items ?? {}), { maxLength: 3, minLength: Number(schema.minItems ?? 0) })
    case 'object':
      return objects(schema, inner)
    default:
      return fc.constant(null)
  }
}

function texts({ pattern, format, maxLength }: Json): fc.Arbitrary<string> {
  if (typeof pattern === 'string') {
    return format === 'cidr' ? fc.constantFrom(...FORMATS.cidr!) : fc.stringMatching(new RegExp(pattern))
  }
  const known = typeof format === 'string' ? FORMATS[format] : undefined
  return known ? fc.constantFrom(...known) : fc.string({ maxLength: Math.min(Number(maxLength ?? 40), 300) })
}

function numbers({ minimum, maximum }: Json): fc.Arbitrary<number> {
  const [min, max] = [Number(minimum ?? -(2 ** 31)), Number(maximum ?? 2 ** 31)]
  return fc.oneof(
    fc.maxSafeInteger().filter((one) => one >= min && one <= max),
    fc.integer({ min: Math.max(min, -100), max: Math.min(max, 5000) }),
    fc.constantFrom(min, max),
  )
}

function objects(schema: Json, inner: (one: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (schema.maxProperties === 0) return fc.constant({})
  const properties = Object.entries((schema.properties ?? {}) as Json)
  if (properties.length === 0) return fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 })
  const model = Object.fromEntries(properties.map(([key, one]) => [key, inner(one)]))
  return fc.record(model, { requiredKeys: (schema.required ?? []) as string[] })
}
