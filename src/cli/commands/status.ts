import { setTimeout as sleep } from 'node:timers/promises'
import { readDuration } from '../../app/config/bounds.ts'
import { loadConfig } from '../../app/config/config.ts'
import { processClock } from '../../app/config/process-clock.ts'
import { needsOfAge } from '../../app/reports/needs.ts'
import { jobStatusOf, type RunStatus, runStatus, type Status } from '../../app/reports/status.ts'
import { BadInput } from '../../core/errors.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, idFlag, idOf, isOn, textFlag } from '../flags.ts'
import { showJob } from '../show/job.ts'
import { showJson } from '../show/json.ts'
import { needsJson, showNeeds } from '../show/needs.ts'
import { LABEL, showRun } from '../show/run.ts'
import { fitted, paint } from '../show/text.ts'

const WATCH_MS = 2_000

/** `socsync status` */
export const statusCommand = async (job: string | undefined, flags: Flags): Promise<void> => {
  const config = await loadConfig({ flags, env: process.env, networks })
  const { db } = config.settings
  const clock = await processClock(process.env, config)
  const colours = paint(process.stdout, flags.color !== false)
  if (job !== undefined) {
    const given = ['run', 'watch', 'failIfOlder'].filter(name => flags[name] !== undefined)
    if (given.length > 0)
      throw new BadInput('--run, --watch and --fail-if-older are about a run, not about a job', {
        hint: `leave them out, or the ${job.slice(0, 60)}`,
      })
    const status = await jobStatusOf(db, idOf(job, 'a job'), clock.now())
    process.stdout.write(
      isOn(flags, 'json')
        ? showJson({ job: status.subject, ...rest(status), readers: status.readers })
        : fitted(showJob(status, colours), process.stdout, LABEL),
    )
    return
  }
  const oldest = textFlag(flags, 'failIfOlder')
  const maxAge = oldest === null ? null : readDuration(oldest, '--fail-if-older')
  for (;;) {
    const status = await runStatus(db, idFlag(flags, 'run'), clock.now())
    const text = isOn(flags, 'json')
      ? showJson({ run: status.subject, ...rest(status), workers: status.workers })
      : fitted(showRun(status, colours), process.stdout, LABEL)
    process.stdout.write(isOn(flags, 'watch') && process.stdout.isTTY ? `\u001b[H\u001b[2J${text}` : text)
    if (!isOn(flags, 'watch') || !status.alive) {
      if (maxAge !== null) await failIfOlder(db, status, maxAge, isOn(flags, 'json'))
      return
    }
    await sleep(WATCH_MS)
  }
}

/** Says on standard error which networks gave nothing for so long, and ends with 3 where there is one. */
const failIfOlder = async (
  db: string,
  { subject, alive, now }: Status<RunStatus>,
  maxAgeMs: number,
  json: boolean,
): Promise<void> => {
  const needs = await needsOfAge(db, subject, alive, { maxAgeMs, now })
  process.stderr.write((json ? needsJson : showNeeds)(needs, process.env))
  if (needs.length > 0) process.exitCode = 3
}

const rest = ({ alive, quota, learned, names }: Status<unknown>) => ({
  alive,
  quota,
  not_asked: learned,
  names,
})
