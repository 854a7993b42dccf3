/** What the OpenAPI document says beside the routes, whose schemas are those that validate. */
export const describeApi = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'socsync',
    version,
    description: `Start runs, watch them, read what they brought. Ids are strings, counters are numbers, moments are in UTC;
absent is null, never 0. Every refusal is a problem document (RFC 9457) whose \`type\` is stable. Before any of these, Node
itself answers 408 to a request that takes too long and 431 to one whose headers are too large.`,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'This server' }],
  tags: [
    { name: 'runs', description: 'One start: many profiles, the same scopes' },
    { name: 'jobs', description: 'One profile in one run' },
    { name: 'results', description: 'What a job brought' },
    { name: 'schedules', description: 'Runs at set times' },
    { name: 'transforms', description: 'What external services make of what came' },
    { name: 'networks', description: 'What can be asked, and how much is left' },
    { name: 'watching', description: 'For those who watch over the server' },
  ],
  components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer' } } },
  security: [{ token: [] }],
})

interface Document {
  readonly paths?: object
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> }
}

/** Each schema is made twice, as what is taken and as what is given: only those that a path leads to are kept. */
export const withoutUnused = <D extends Document>(document: D): D => {
  const schemas = document.components?.schemas ?? {}
  const used = new Set<string>()
  const follow = (part: object): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      const schema = schemas[name]
      if (schema === undefined || used.has(name)) continue
      used.add(name)
      follow(schema)
    }
  }
  follow(document.paths ?? {})
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...document.components, schemas: kept } }
}
