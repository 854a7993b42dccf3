import { networks } from '../../networks/registry.ts'
import { type Flags, isOn } from '../flags.ts'
import { showJson } from '../show/json.ts'
import { paint, table } from '../show/text.ts'

/** `socsync networks` */
export const networksCommand = async (flags: Flags): Promise<void> => {
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
    process.stdout.write(
      `${bold(title)} ${dim(`(--network ${name})`)}\n  ids: ${idForms}\n${table(rows)}\n${dim('  needs one of')}\n${needs.join('\n')}\n\n`,
    )
  }
}
