import type { Clock } from '../../core/clock.ts'
import { openClock } from '../../http/clock.ts'
import { readTestHooks } from './base-urls.ts'
import type { Config } from './config.ts'

/** The time that runs of this environment have: a sandbox's where tests name one, else the real one. BadInput as {@link readTestHooks}. */
export const processClock = async (env: NodeJS.ProcessEnv, { baseUrls }: Config): Promise<Clock> =>
  openClock(readTestHooks(env, baseUrls).clock)
