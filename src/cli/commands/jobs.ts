import { loadConfig } from '../../app/config/config.ts'
import { oneOf } from '../../app/config/one-of.ts'
import { jobLines } from '../../app/reports/status.ts'
import { STATUSES } from '../../core/task.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, idFlag, isOn, networkFlag, textFlag } from '../flags.ts'
import { jobLineJson, showJobs } from '../show/jobs.ts'
import { showJson } from '../show/json.ts'
import { paint } from '../show/text.ts'

/** `socsync jobs` */
export const jobsCommand = async (flags: Flags): Promise<void> => {
  const statuses = (textFlag(flags, 'status') ?? '')
    .split(',')
    .filter(Boolean)
    .map(word => oneOf(word.trim(), STATUSES, '--status'))
  const only = { statuses, network: networkFlag(flags), limit: idFlag(flags, 'limit') ?? 50 }
  const { settings } = await loadConfig({
    flags,
    env: process.env,
    networks,
  })
  const lines = await jobLines(settings.db, only)
  const { isTTY, columns } = process.stdout
  process.stdout.write(
    isOn(flags, 'json')
      ? showJson({ jobs: lines.jobs.map(jobLineJson), total: lines.total })
      : showJobs(lines, isTTY ? columns : null, paint(process.stdout, flags.color !== false)),
  )
}
