import { createRequire } from 'node:module'
import { loadConfig } from '../../app/config/config.ts'
import { DEPOSIT_RULES, type DepositSettings } from '../../app/config/deposit-config.ts'
import { quote } from '../../app/config/quote.ts'
import { accept, type Rule } from '../../app/config/settings.ts'
import { exportStored } from '../../app/reports/export.ts'
import { BadInput } from '../../core/errors.ts'
import { EXPORT_KINDS } from '../../export/kinds.ts'
import { networks } from '../../networks/registry.ts'
import {
  type Flags,
  idFlag,
  isOn,
  listFlag,
  momentFlag,
  networkFlag,
  oneOf,
  outFlag,
  textFlag,
  writingFlags,
} from '../flags.ts'
import { showJson } from '../show/json.ts'
import { counted } from '../show/text.ts'

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }

/** `socsync export` */
export const exportCommand = async (what: string, flags: Flags): Promise<void> => {
  const { settings, deposit } = await loadConfig({ flags, env: process.env, networks })
  const out = outFlag(flags)
  const written = await exportStored({
    db: settings.db,
    what: oneOf(what, [...EXPORT_KINDS, 'all'], 'what to export'),
    out,
    network: networkFlag(flags),
    entity: textFlag(flags, 'entity'),
    networks,
    job: idFlag(flags, 'job'),
    run: idFlag(flags, 'run'),
    since: momentFlag(flags, 'since'),
    columns: listFlag(flags, 'columns'),
    version,
    now: new Date().toISOString(),
    options: writingFlags(flags, 'csv'),
    deposit: depositFlags(flags, deposit),
  })
  if (out === null) return
  if (isOn(flags, 'json')) process.stdout.write(showJson({ out, ...written }))
  else if ('files' in written)
    process.stderr.write(
      `${counted(written.files.length + (written.documents?.length ?? 0), 'file')} in ${out}\n`,
    )
  else process.stderr.write(`${counted(written.rows, 'row')} in ${out}\n`)
}

/** What is said of the package: by flags, else by the config file; null = none is wanted. */
const depositFlags = (flags: Flags, config: DepositSettings): DepositSettings | null => {
  const { title, licence } = DEPOSIT_RULES
  if (!isOn(flags, 'package')) {
    const alone = ['title', 'licence'].find(name => textFlag(flags, name) !== null)
    if (alone === undefined) return null
    throw new BadInput(`--${alone} goes with --package`, {
      hint: 'socsync export all --package --out <folder>',
    })
  }
  const said = (name: 'title' | 'licence', rule: Rule<string>): string | null => {
    const text = textFlag(flags, name)
    return text === null ? config[name] : accept(rule, text, `--${name} ${quote(text)}`)
  }
  return { ...config, title: said('title', title), licence: said('licence', licence) }
}
