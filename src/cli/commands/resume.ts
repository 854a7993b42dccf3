import { openToolbox } from '../../app/open-toolbox.ts'
import { resume } from '../../app/run/run.ts'
import type { ResumeRequest } from '../../app/run/run-request.ts'
import { BadInput } from '../../core/errors.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, idFlag, idOf, isOn, keyMadeFlag } from '../flags.ts'
import { redactor } from '../redactor.ts'
import { work } from './run.ts'

/** `socsync resume` */
export const resumeCommand = async (jobs: readonly string[], flags: Flags): Promise<void> => {
  const which = whichOf(jobs, flags)
  await using box = await openToolbox({
    ...{ flags, env: process.env, networks, redactor },
    keyMade: keyMadeFlag(flags),
  })
  await work(flags, box, settings => resume({ which }, settings, box))
}

const whichOf = (jobs: readonly string[], flags: Flags): ResumeRequest['which'] => {
  const runId = idFlag(flags, 'run')
  const named = [jobs.length > 0, runId !== null, isOn(flags, 'all')].filter(Boolean).length
  if (named !== 1) {
    throw new BadInput(
      named === 0 ? 'nothing to resume is named' : 'more than one thing to resume is named',
      {
        hint: 'allowed: job numbers, --run <id>, or --all',
      },
    )
  }
  if (runId !== null) return { runId }
  return isOn(flags, 'all') ? 'all' : { jobs: jobs.map(job => idOf(job, 'a job')) }
}
