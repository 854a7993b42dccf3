import { loadConfig } from '../../app/config/config.ts'
import { jobLines } from '../../app/reports/status.ts'
import { STATUSES } from '../../core/task.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, idFlag, isOn, networkFlag, oneOf, textFlag } from '../flags.ts'
import { jobLineJson, showJobs } from '../show/job.ts'
import { showJson } from '../show/json.ts'
import { fitted, paint } from '../show/text.ts'

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
  const jobs = await jobLines(settings.db, only)
  process.stdout.write(
    isOn(flags, 'json')
      ? showJson({ jobs: jobs.map(jobLineJson) })
      : fitted(showJobs(jobs, paint(process.stdout, flags.color !== false)), process.stdout, 5),
  )
}
