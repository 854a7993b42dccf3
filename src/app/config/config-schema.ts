import { z } from 'zod'
import type { Network } from '../../networks/contract.ts'
import { inCase } from './config.ts'
import { CREATOR_RULES, DEPOSIT_RULES } from './deposit-config.ts'
import { insightsRules } from './insights-config.ts'
import { PRIVACY_RULES } from './privacy-config.ts'
import { SEARCH_NAME } from './search-config.ts'
import { type Rule, SETTINGS, severalOf } from './settings.ts'
import { FILTER_RULES, TRANSFORM_NAME, TRANSFORM_RULES } from './transform-config.ts'

/** A document of JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What the config file may hold, made from the schemas that read it: editors complete and check by it. */
export const configSchema = (networks: readonly Pick<Network, 'name' | 'insights'>[]): JsonSchema => {
  const names = networks.map(({ name }) => name)
  const settings = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, rule]) => [inCase(name, '_'), described(rule).optional()]),
  )
  const [first = '', ...more] = names
  const network = z.enum([first, ...more])
  const filter = z
    .strictObject({ networks: described(severalOf(names, [])), ...rulesOf(FILTER_RULES) })
    .partial()
    .optional()
    .describe('which elements it is asked about; all, where it is left out')
  const { url, elements, ...optional } = rulesOf(TRANSFORM_RULES)
  const transform = z.strictObject({
    url,
    elements,
    ...z.strictObject(optional).partial().shape,
    filter,
  })
  const { name, ...particulars } = rulesOf(CREATOR_RULES)
  const creator = z.strictObject({ name, ...z.strictObject(particulars).partial().shape })
  const insights = Object.fromEntries(
    Object.entries(insightsRules(networks)).map(([name, rules]) => [
      name,
      z.strictObject(rulesOf(rules)).partial(),
    ]),
  )
  const deposit = z
    .strictObject({ ...rulesOf(DEPOSIT_RULES), creators: z.array(creator).describe('who made it') })
    .partial()
    .optional()
    .describe('what is said of datasets that are to be deposited')
  return documentOf(
    'Config file of socsync',
    z.strictObject({
      $schema: z.string().optional(),
      ...settings,
      base_urls: z
        .partialRecord(network, z.string())
        .optional()
        .describe('addresses in place of the hosts of networks'),
      insights: z
        .strictObject(insights)
        .partial()
        .optional()
        .describe('metrics that are read in place of those that are by default'),
      transforms: z
        .record(z.string().regex(TRANSFORM_NAME), transform)
        .optional()
        .describe('external services, by their names'),
      deposit,
      searches: z
        .record(z.string().regex(SEARCH_NAME), z.record(z.string(), z.json()))
        .optional()
        .describe('what searches ask for, by their names, each in the words of its network'),
      privacy: z
        .strictObject(rulesOf(PRIVACY_RULES))
        .partial()
        .optional()
        .describe('how people stand in what is stored'),
    }),
  )
}

/** The document of a schema; what is read is described, and not what it becomes. */
export const documentOf = (title: string, schema: z.ZodType): JsonSchema => ({
  ...z.toJSONSchema(schema, { io: 'input' }),
  title,
})

const rulesOf = (rules: Readonly<Record<string, Rule<unknown>>>): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, described(rule)]))

const described = ({ schema, allowed }: Rule<unknown>): z.ZodType => schema.describe(allowed)
