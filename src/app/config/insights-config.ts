import { BadInput } from '../../core/errors.ts'
import type { Insights, Network } from '../../networks/contract.ts'
import { askAll } from './all-wrong.ts'
import { fieldsOf, unknownKey } from './json-file.ts'
import { accept, type Rule, severalOf } from './settings.ts'

/** The metrics that the user chose, by network and by what they are of. */
export type ChosenInsights = ReadonlyMap<string, Insights>

type Offering = Pick<Network, 'name' | 'insights'>

/** What may be chosen of each network that lets choose, by what the metrics are of. */
export const insightsRules = (
  networks: readonly Offering[],
): Readonly<Record<string, Readonly<Record<string, Rule<readonly string[]>>>>> =>
  Object.fromEntries(
    networks.flatMap(({ name, insights }) =>
      insights === undefined
        ? []
        : [
            [
              name,
              Object.fromEntries(Object.entries(insights).map(([of, names]) => [of, severalOf(names, [])])),
            ] as const,
          ],
    ),
  )

/** The section `insights` of a config file: `{"instagram": {"reels": ["reach"]}}`. Throws BadInput that says what is allowed. */
export const readInsights = (given: unknown, file: string, networks: readonly Offering[]): ChosenInsights => {
  const rules = insightsRules(networks)
  const place = `insights of ${file}`
  return new Map(
    Object.entries(fieldsOf(given, place)).map(([network, groups]) => {
      const known = rules[network]
      if (known === undefined) throw unknownKey(network, place, Object.keys(rules))
      const chosen = Object.entries(fieldsOf(groups, `insights.${network} of ${file}`))
      return [
        network,
        Object.fromEntries(askAll(chosen.map(choice => () => readGroup(choice, network, file, known)))),
      ]
    }),
  )
}

const readGroup = (
  [of, names]: readonly [of: string, names: unknown],
  network: string,
  file: string,
  known: Readonly<Record<string, Rule<readonly string[]>>>,
): readonly [of: string, names: readonly string[]] => {
  const rule = known[of]
  if (rule === undefined) throw unknownKey(of, `insights.${network} of ${file}`, Object.keys(known))
  const chosen = accept(rule, names, `insights.${network}.${of} of ${file}`)
  const twice = chosen.find((name, at) => chosen.indexOf(name) !== at)
  if (twice !== undefined) throw new BadInput(`insights.${network}.${of} of ${file} names ${twice} twice`)
  return [of, chosen]
}
