import { loadConfig } from '../../app/config/config.ts'
import { reportStored } from '../../app/reports/report.ts'
import { version } from '../../http/package.ts'
import { networks } from '../../networks/registry.ts'
import {
  type Flags,
  idFlag,
  isOn,
  momentFlag,
  networkFlag,
  outFlag,
  pseudonymsFlag,
  textFlag,
} from '../flags.ts'
import { showJson } from '../show/json.ts'
import { counted } from '../show/text.ts'

const FILE = 'report.html'
const LIMIT = 60

/** `socsync report` */
export const reportCommand = async (flags: Flags): Promise<void> => {
  const { settings } = await loadConfig({ flags, env: process.env, networks })
  const out = textFlag(flags, 'out') === null ? FILE : outFlag(flags)
  const { profiles, left, ...written } = await reportStored({
    db: settings.db,
    out,
    network: networkFlag(flags),
    entity: textFlag(flags, 'entity'),
    networks,
    since: momentFlag(flags, 'since'),
    pseudonymise: pseudonymsFlag(flags, settings),
    limit: idFlag(flags, 'limit') ?? LIMIT,
    version,
    now: new Date().toISOString(),
    options: { force: isOn(flags, 'force') },
  })
  if (out === null) return
  if (isOn(flags, 'json')) process.stdout.write(showJson({ out, ...written, profiles, left }))
  else process.stderr.write(`${counted(profiles + left, 'profile')} in ${out}\n`)
}
