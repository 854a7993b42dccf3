import { loadConfig } from '../../app/config/config.ts'
import { processClock } from '../../app/config/process-clock.ts'
import { learnedRules } from '../../app/reports/learned.ts'
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
    const list = networks.map(({ name, title, idForms, abilities, credentials, baseUrlVariable }) => ({
      name,
      title,
      ids: idForms,
      gives: abilities,
      credentials: credentials.map(kind => ({
        name: kind.name,
        variables: kind.fields.map(({ variable, required }) => ({ variable, required })),
      })),
      base_url_variable: baseUrlVariable,
      not_asked: learned.filter(({ network }) => network === name),
    }))
    process.stdout.write(showJson({ networks: list }))
    return
  }
  const { bold, dim } = paint(process.stdout, flags.color !== false)
  for (const { title, name, idForms, abilities, credentials } of networks) {
    const rows = abilities.map(ability => [
      `  ${ability.kind}`,
      ability.credential,
      ability.gives,
      ability.note,
    ])
    const needs = credentials.map(kind => {
      const variables = kind.fields.map(field => (field.required ? field.variable : `[${field.variable}]`))
      return `  ${kind.name}: ${variables.join(' ')}`
    })
    const rules = learnedLines(learned.filter(({ network }) => network === name))
    const refused =
      rules.length === 0 ? '' : `${dim('  not asked for')}\n${rules.map(rule => `  ${rule}\n`).join('')}`
    const text = `${bold(title)} ${dim(`(--network ${name})`)}\n  ids: ${idForms}\n${table(rows)}\n${dim('  needs one of')}\n${needs.join('\n')}\n${refused}\n`
    process.stdout.write(fitted(text, process.stdout, 4))
  }
}
