import { loadConfig } from '../../app/config/config.ts'
import { processClock } from '../../app/config/process-clock.ts'
import { learnedRules } from '../../app/reports/learned.ts'
import type { Ability } from '../../networks/contract.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn } from '../flags.ts'
import { learnedLines } from '../show/failing.ts'
import { showJson } from '../show/json.ts'
import { fitted, paint, table } from '../show/text.ts'

/** `socsync networks` */
export const networksCommand = async (flags: Flags): Promise<void> => {
  const config = await loadConfig({ flags, env: process.env, networks })
  const clock = await processClock(process.env, config)
  const names = networks.map(({ name }) => name)
  const learned = await learnedRules(config.settings.db, names, clock.now())
  if (isOn(flags, 'json')) {
    const list = networks.map(
      ({ name, title, idForms, others, abilities, credentials, baseUrlVariable }) => ({
        name,
        title,
        ids: idForms,
        other_ids: Object.fromEntries(Object.entries(others).map(([kind, { forms }]) => [kind, forms])),
        gives: abilities,
        credentials: credentials.map(kind => ({
          name: kind.name,
          quota: kind.quota,
          variables: kind.fields.map(({ variable, required }) => ({ variable, required })),
        })),
        base_url_variable: baseUrlVariable,
        not_asked: learned.filter(({ network }) => network === name),
      }),
    )
    process.stdout.write(showJson({ networks: list }))
    return
  }
  const { bold, dim } = paint(process.stdout, flags.color !== false)
  for (const { title, name, idForms, others, abilities, credentials } of networks) {
    const forms = Object.entries(others).map(([kind, { forms }]) => `\n  as a ${kind}: ${forms}`)
    const kinds = credentials.map(({ name: credential, quota, fields }) => {
      const variables = fields.map(({ required, variable }) => (required ? variable : `[${variable}]`))
      const of = abilities.filter(ability => ability.credential === credential)
      const rows = of.map(ability => [`    ${ability.what}`, ability.gives, abilityWords(ability)])
      return `  ${bold(credential)} · ${quota}\n    ${dim(variables.join(' '))}\n${table(rows)}\n`
    })
    const rules = learnedLines(learned.filter(({ network }) => network === name))
    const refused =
      rules.length === 0 ? '' : `${dim('  not asked for')}\n${rules.map(rule => `  ${rule}\n`).join('')}`
    const text = `${bold(title)} ${dim(`(--network ${name})`)}\n  ids: ${idForms}${forms.join('')}\n${kinds.join('')}${refused}\n`
    process.stdout.write(fitted(text, process.stdout, INDENT))
  }
}

/** Words that are wrapped stand below what they say it of. */
const INDENT = 6

/** Price, cap, delay and all else, in a line. */
const abilityWords = ({ price, cap, delay, note }: Ability): string =>
  [price, cap === null ? null : `cap: ${cap}`, delay === null ? null : `delay: ${delay}`, note]
    .filter(word => word !== null)
    .join('; ')
