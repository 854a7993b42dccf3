import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

interface Finding {
  readonly status: 'error' | 'warning' | 'success' | 'info'
  readonly message: string
  readonly entity?: string
}

const require = createRequire(import.meta.url)

/**
 * What the validator of RO-Crate's own library finds wrong with a crate, and with the files beside it. Its context is the one
 * that the library brings, so that no address is asked for it.
 */
export const wrongInCrate = async (text: string, files: readonly string[]): Promise<readonly string[]> => {
  const real = globalThis.fetch
  const context = readFileSync(require.resolve('ro-crate/lib/context.json'), 'utf8')
  globalThis.fetch = async () => new Response(context)
  try {
    // It takes `fetch` as it is when it is loaded.
    const { validate } = require('ro-crate/lib/validator.js') as {
      validate(crate: unknown, files: Record<string, object>): Promise<readonly Finding[]>
    }
    const there = Object.fromEntries(
      files.map(name => [name, { exists: true, inCrate: false, isDir: false }]),
    )
    const found = await validate(JSON.parse(text), there)
    return [
      ...found
        .filter(({ status }) => status === 'error' || status === 'warning')
        .map(({ message, entity }) => `${entity ?? ''} ${message}`),
      ...unknownTerms(JSON.parse(text), JSON.parse(context)),
    ]
  } finally {
    globalThis.fetch = real
  }
}

interface Crate {
  readonly '@graph': readonly Readonly<Record<string, unknown>>[]
}

/** Properties and types that the context has no meaning for, and references that lead nowhere. */
const unknownTerms = (
  { '@graph': graph }: Crate,
  { '@context': terms }: { readonly '@context': object },
): readonly string[] => {
  const ids = new Set(graph.map(entity => entity['@id']))
  return graph.flatMap(({ '@id': id, '@type': type, ...properties }) => [
    ...[...Object.keys(properties), String(type)]
      .filter(term => !(term in terms))
      .map(term => `${id}: ${term}`),
    ...Object.values(properties)
      .flat()
      .filter(value => typeof value === 'object' && value !== null)
      .map(value => (value as { '@id': string })['@id'])
      .filter(other => !ids.has(other) && !other.startsWith('https://w3id.org/'))
      .map(other => `${id}: there is no ${other}`),
  ])
}
