/** Reads messages as the specification of Singer (singer-io/getting-started, SPEC.md) has them; throws at the first one that breaks a rule. */
export interface SingerStream {
  readonly properties: Readonly<
    Record<string, { readonly type: readonly string[]; readonly format?: string }>
  >
  readonly keys: readonly string[]
  readonly bookmarks: readonly string[]
  readonly records: Readonly<Record<string, unknown>>[]
}

export interface SingerOutput {
  readonly streams: ReadonlyMap<string, SingerStream>
  /** Of the last STATE. */
  readonly state: Readonly<Record<string, unknown>> | null
}

type Message = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(name => typeof name === 'string')

const demand = (holds: boolean, rule: string, message: unknown): void => {
  if (!holds) throw new Error(`${rule}: ${JSON.stringify(message).slice(0, 300)}`)
}

/** RFC 3339 in UTC. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

const isOfType = (value: unknown, type: string): boolean => {
  if (type === 'null') return value === null
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

export const readSinger = (text: string): SingerOutput => {
  const streams = new Map<string, SingerStream>()
  let state: Message | null = null
  demand(text.endsWith('\n'), 'each message is a line', text.slice(-100))
  for (const line of text.slice(0, -1).split('\n')) {
    const message: unknown = JSON.parse(line)
    if (!isObject(message)) throw new Error(`a message is an object: ${line.slice(0, 100)}`)
    const { type, stream } = message
    if (type === 'STATE') {
      demand(isObject(message.value), 'a STATE has a value', message)
      state = message.value as Message
      continue
    }
    demand(type === 'SCHEMA' || type === 'RECORD', 'a type is SCHEMA, RECORD or STATE', message)
    demand(typeof stream === 'string' && stream !== '', 'a stream has a name', message)
    if (type === 'SCHEMA') streams.set(String(stream), schemaOf(message))
    else takeRecord(streams.get(String(stream)), message)
  }
  return { streams, state }
}

const schemaOf = (message: Message): SingerStream => {
  const { schema, key_properties: keys, bookmark_properties: bookmarks = [] } = message
  if (!isObject(schema) || !isObject(schema.properties))
    throw new Error('a SCHEMA has a schema with properties')
  demand(schema.type === 'object', 'a schema is of an object', schema)
  const properties = schema.properties as SingerStream['properties']
  for (const property of Object.values(properties))
    demand(isNames(property.type), 'a property has types', property)
  if (!isNames(keys)) throw new Error('key_properties are names')
  if (!isNames(bookmarks)) throw new Error('bookmark_properties are names')
  for (const name of [...keys, ...bookmarks]) demand(name in properties, 'a key is a property', name)
  return { properties, keys, bookmarks, records: [] }
}

const takeRecord = (stream: SingerStream | undefined, message: Message): void => {
  if (stream === undefined) throw new Error(`a SCHEMA comes before its RECORDs: ${message.stream}`)
  const { record } = message
  if (!isObject(record)) throw new Error('a RECORD has a record')
  for (const key of stream.keys)
    demand(record[key] !== null && record[key] !== undefined, 'a key has a value', record)
  for (const [name, value] of Object.entries(record)) {
    const property = stream.properties[name]
    demand(property !== undefined, 'a column is in the schema', name)
    demand(property?.type.some(type => isOfType(value, type)) ?? false, `${name} is of its type`, record)
    if (value !== null && property?.format === 'date-time')
      demand(DATE_TIME.test(String(value)), `${name} is a moment`, record)
  }
  stream.records.push(record)
}
