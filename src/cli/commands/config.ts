import { configSchema } from '../../app/config/config-schema.ts'
import { credentialsSchema } from '../../app/credentials/credentials-schema.ts'
import { type ConfigValue, showConfig } from '../../app/setup/config-values.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn } from '../flags.ts'
import { redactor } from '../redactor.ts'
import { showJson } from '../show/json.ts'
import { fitted, paint, table } from '../show/text.ts'

/** `socsync config show` */
export const configShowCommand = async (flags: Flags): Promise<void> => {
  const config = await showConfig(flags, process.env, networks)
  const { dim } = paint(process.stdout, flags.color !== false)
  const rows = config.values.map(value => [value.name, shown(value), dim(value.from)])
  const credentials = config.credentials.map(({ credential, kind, from }) => [credential, kind, dim(from)])
  const text = isOn(flags, 'json')
    ? showJson(config)
    : `${table(rows)}\n${credentials.length === 0 ? '' : `\n${table(credentials)}\n`}`
  process.stdout.write(fitted(redactor.text(text), process.stdout, 4))
}

const shown = ({ value }: ConfigValue): string => {
  if (value === null) return '-'
  return Array.isArray(value) ? value.join(',') || '-' : String(value)
}

/** `socsync config schema` */
export const configSchemaCommand = async (file: string): Promise<void> => {
  const schema = file === 'credentials' ? credentialsSchema(networks) : configSchema(networks)
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
}
