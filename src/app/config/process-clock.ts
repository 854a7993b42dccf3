import type { Clock } from '../../core/clock.ts'
import { openClock } from '../../http/clock.ts'
import { followDatabaseAt } from '../../store/reader.ts'
import { readTestHooks } from './base-urls.ts'
import type { Config } from './config.ts'

/**
 * The time that runs of this environment have: a sandbox's where tests name one, else that of a server's database, else the
 * real one. BadInput as {@link readTestHooks}.
 */
export const processClock = async (
  env: NodeJS.ProcessEnv,
  { baseUrls, settings }: Config,
): Promise<Clock> => {
  const clock = await openClock(readTestHooks(env, baseUrls).clock)
  await followDatabaseAt(settings.db, clock)
  return clock
}
