import { z } from 'zod'
import { documentOf, type JsonSchema } from '../config/config-schema.ts'
import type { CredentialNetwork } from './environment.ts'
import { CREDENTIAL_NAME } from './file.ts'

/** What the credentials file may hold, from the kinds of credential that the networks know: each entry is one of them. */
export const credentialsSchema = (networks: readonly CredentialNetwork[]): JsonSchema =>
  documentOf(
    'Credentials file of socsync',
    z
      .strictObject(
        Object.fromEntries<z.ZodType>([
          ['$schema', z.string()],
          ...networks.map(network => [network.name, z.array(entryOf(network))] as const),
        ]),
      )
      .partial(),
  )

/** One entry: enough for one of the kinds, with nothing that no kind of this network has. */
const entryOf = ({ title, credentials }: CredentialNetwork): z.ZodType => {
  const text = z.string().min(1)
  const known = credentials.flatMap(({ fields, notes = [] }) => [...fields.map(({ key }) => key), ...notes])
  const optional = Object.fromEntries(known.map(key => [key, text.optional()]))
  const name = z.string().regex(CREDENTIAL_NAME).optional().describe('how messages call it')
  const kinds = credentials.map(({ name: kind, fields }) =>
    z
      .strictObject({
        ...optional,
        ...Object.fromEntries(fields.flatMap(({ key, required }) => (required ? [[key, text]] : []))),
        name,
      })
      .describe(`${title}: ${kind}`),
  )
  const renewed = z
    .strictObject({ ...optional, name: z.string().regex(CREDENTIAL_NAME), renews: text })
    .describe('tokens that socsync renewed: written by itself')
  return z.union([...kinds, renewed])
}
