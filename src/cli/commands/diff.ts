import { loadConfig } from '../../app/config/config.ts'
import { type DiffRequest, diffStored, exportChanges } from '../../app/reports/diff.ts'
import { BadInput } from '../../core/errors.ts'
import { TABULAR } from '../../export/formats.ts'
import { networks } from '../../networks/registry.ts'
import {
  type Flags,
  idFlag,
  isOn,
  momentFlag,
  networkFlag,
  outFlag,
  textFlag,
  writingFlags,
} from '../flags.ts'
import { diffJson, showDiff } from '../show/diff.ts'
import { showJson } from '../show/json.ts'
import { counted, paint } from '../show/text.ts'

const LIMIT = 5

/** `socsync diff` */
export const diffCommand = async (flags: Flags): Promise<void> => {
  const { settings } = await loadConfig({ flags, env: process.env, networks })
  const request: DiffRequest = {
    db: settings.db,
    since: momentFlag(flags, 'since'),
    run: idFlag(flags, 'run'),
    network: networkFlag(flags),
    entity: textFlag(flags, 'entity'),
    networks,
  }
  if (request.since !== null && request.run !== null)
    throw new BadInput('--since and --run say two different things', { hint: 'give one of them' })
  const out = outFlag(flags)
  const limit = idFlag(flags, 'limit')
  if (textFlag(flags, 'out') !== null || textFlag(flags, 'format') !== null) {
    if (limit !== null)
      throw new BadInput('--limit goes with the summary, not with --format or --out: rows are all changes')
    // A change has no key that tells it from all others, which messages of Singer need.
    const written = await exportChanges(request, out, writingFlags(flags, 'csv', TABULAR))
    if (out === null) return
    if (isOn(flags, 'json')) process.stdout.write(showJson({ out, ...written }))
    else process.stderr.write(`${counted(written.rows, 'change')} in ${out}\n`)
    return
  }
  const diff = await diffStored(request, limit ?? LIMIT)
  process.stdout.write(
    isOn(flags, 'json')
      ? showJson(diffJson(diff))
      : showDiff(diff, paint(process.stdout, flags.color !== false)),
  )
}
