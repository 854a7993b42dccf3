import type { Json } from '../../../src/core/json.ts'
import type { Expected, FaultRow } from './row.ts'
import { type NetworkName, SCENERY } from './scene.ts'

/** What a network says, in its own words or by status and header. */
export interface Saying {
  readonly name: string
  readonly network: NetworkName
  readonly fault: string
  readonly value: Json
}

export const tooMany = (header: string | null): Json => ({
  status: 429,
  ...(header !== null && { headers: { 'retry-after': header } }),
})
export const everywhere = (name: string, value: Json): readonly Saying[] =>
  (Object.keys(SCENERY) as NetworkName[]).map(network => ({ name, network, fault: 'status', value }))
export const own = (network: NetworkName, fault: string, ...values: readonly Json[]): readonly Saying[] =>
  values.map(value => ({ name: `${fault} ${String(value)}`, network, fault, value }))

export const row = (
  { name, network, fault, value }: Saying,
  moment: string,
  rule: { readonly after?: number; readonly times?: number },
  expected: Expected,
  more: Pick<FaultRow, 'going' | 'now'> = {},
): FaultRow => ({
  name: `${name}, ${moment}`,
  networks: [network],
  rules: ({ api }) => [{ name: fault, network, value, match: api, ...rule }],
  expected: () => expected,
  ...more,
})

export const passed = { exit: 0, error: null } as const
/** A call that is under way while another one is refused is refused as well. */
export const FIRST = 2
