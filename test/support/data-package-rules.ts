import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** What the Data Package standard 2.0 wants of what a package may hold here, from the pages of its specification. */
const text = { type: 'string', minLength: 1 }
const address = { type: 'string', format: 'uri' }
const several = (items: object) => ({ type: 'array', items, minItems: 1 })

const FIELD = {
  type: 'object',
  required: ['name', 'type'],
  properties: {
    name: text,
    type: {
      enum: [
        ...['string', 'number', 'integer', 'boolean', 'object', 'array', 'list', 'datetime', 'date', 'time'],
        ...['year', 'yearmonth', 'duration', 'geopoint', 'geojson', 'any'],
      ],
    },
    description: text,
    constraints: {
      type: 'object',
      additionalProperties: false,
      properties: { required: { type: 'boolean' }, unique: { type: 'boolean' } },
    },
  },
}

const SCHEMA = {
  type: 'object',
  required: ['fields'],
  properties: {
    $schema: { const: 'https://datapackage.org/profiles/2.0/tableschema.json' },
    fields: several(FIELD),
    fieldsMatch: several({ enum: ['exact', 'equal', 'subset', 'superset', 'partial'] }),
    missingValues: { type: 'array', items: { type: 'string' } },
    primaryKey: several(text),
    foreignKeys: several({
      type: 'object',
      required: ['fields', 'reference'],
      properties: {
        fields: several(text),
        reference: {
          type: 'object',
          required: ['resource', 'fields'],
          properties: { resource: { type: 'string' }, fields: several(text) },
        },
      },
    }),
  },
}

const RESOURCE = {
  type: 'object',
  required: ['name', 'path'],
  properties: {
    $schema: { const: 'https://datapackage.org/profiles/2.0/dataresource.json' },
    name: text,
    type: { const: 'table' },
    title: text,
    description: text,
    // A path within the package: not absolute, and no way out of it.
    path: { type: 'string', pattern: '^(?!/|~|.*\\.\\./)[^:\\\\]+$' },
    format: text,
    mediatype: { type: 'string', pattern: '^.+/.+$' },
    encoding: text,
    bytes: { type: 'integer', minimum: 0 },
    hash: { type: 'string', pattern: '^sha256:[\\da-f]{64}$' },
    dialect: {
      type: 'object',
      properties: {
        delimiter: text,
        lineTerminator: text,
        header: { type: 'boolean' },
        itemType: { enum: ['array', 'object'] },
      },
    },
    schema: SCHEMA,
  },
}

const PACKAGE = {
  type: 'object',
  required: ['$schema', 'resources'],
  properties: {
    $schema: { const: 'https://datapackage.org/profiles/2.0/datapackage.json' },
    name: { type: 'string', pattern: '^[-a-z0-9._/]+$' },
    title: text,
    description: text,
    homepage: address,
    version: text,
    created: { type: 'string', format: 'date-time' },
    keywords: several(text),
    contributors: several({
      type: 'object',
      minProperties: 1,
      properties: { title: text, path: address, roles: several(text), organization: text },
    }),
    sources: several({ type: 'object', minProperties: 1, properties: { title: text, path: address } }),
    licenses: several({
      type: 'object',
      anyOf: [{ required: ['name'] }, { required: ['path'] }],
      properties: { name: { type: 'string', pattern: '^[-a-zA-Z0-9._]+$' }, path: address, title: text },
    }),
    resources: several(RESOURCE),
  },
}

const validator = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
formats.default(validator)
const check = validator.compile(PACKAGE)

/** What of a descriptor is against the standard. */
export const wrongInDataPackage = (descriptor: unknown): readonly string[] =>
  check(descriptor)
    ? []
    : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)

/** Whether a cell's text is of a type, in the default form of each. */
export const isOfType = (cell: string, type: string): boolean => {
  switch (type) {
    case 'integer':
      return /^-?\d+$/.test(cell)
    case 'number':
      return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell)
    case 'boolean':
      return cell === 'true' || cell === 'false'
    case 'datetime':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(cell)
    case 'object':
    case 'array': {
      const value: unknown = JSON.parse(cell)
      return value !== null && typeof value === 'object' && Array.isArray(value) === (type === 'array')
    }
    default:
      return type === 'string' || type === 'any'
  }
}
