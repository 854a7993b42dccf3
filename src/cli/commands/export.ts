import { loadConfig } from '../../app/config/config.ts'
import { exportStored } from '../../app/reports/export.ts'
import { EXPORT_KINDS } from '../../export/kinds.ts'
import { version } from '../../http/package.ts'
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

/** `socsync export` */
export const exportCommand = async (what: string, flags: Flags): Promise<void> => {
  const { settings } = await loadConfig({ flags, env: process.env, networks })
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
  })
  if (out === null) return
  if (isOn(flags, 'json')) process.stdout.write(showJson({ out, ...written }))
  else if ('files' in written) process.stderr.write(`${counted(written.files.length, 'file')} in ${out}\n`)
  else process.stderr.write(`${counted(written.rows, 'row')} in ${out}\n`)
}
