import { readTestHooks } from '../../app/config/base-urls.ts'
import { loadConfig } from '../../app/config/config.ts'
import { crashPoint } from '../../app/config/crash-point.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import { readRunOrder } from '../../app/run/run-queue.ts'
import { readCron, readTimeZone } from '../../app/schedule/cron.ts'
import {
  addSchedule,
  findSchedule,
  isDoneByWorkers,
  listSchedules,
  orderNow,
  readScheduleName,
  removeSchedule,
  runNow,
} from '../../app/schedule/schedules.ts'
import type { Starter } from '../../app/schedule/units.ts'
import { BadInput } from '../../core/errors.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn, keyMadeFlag, listFlag, textFlag } from '../flags.ts'
import { pasted } from '../pasted.ts'
import { redactor } from '../redactor.ts'
import { showJson } from '../show/json.ts'
import { addedJson, addedNote, scheduleJson, showSchedules, showStart } from '../show/schedule.ts'
import { starter } from '../starter.ts'
import { readArguments, requestOf, work } from './run.ts'

/** `socsync schedule add` */
export const scheduleAddCommand = async (
  name: string,
  args: readonly string[],
  flags: Flags,
): Promise<void> => {
  readScheduleName(name)
  const cron = readCron(textFlag(flags, 'cron') ?? '', '--cron')
  const timeZone = readTimeZone(textFlag(flags, 'timeZone') ?? 'UTC', '--time-zone')
  const given = await readArguments(args, flags)
  await using box = await openToolbox({ flags, env: process.env, networks, redactor })
  const { settings } = box
  if (isOn(flags, 'systemd') && isDoneByWorkers(settings.db)) {
    throw new BadInput('--systemd is about a file: workers start the runs of a server’s database', {
      hint: 'leave it out, and start `socsync worker`',
    })
  }
  const order = await readRunOrder(
    requestOf(given, flags, box),
    { ...settings, maxWaitMs: settings.maxWait, transforms: listFlag(flags, 'transform') ?? [] },
    box,
    networks,
  )
  await addSchedule({ name, cron, timeZone, order }, settings, box)
  const { schedule, workers } = await findSchedule(name, settings.db)
  const starter = starterOf(flags, settings.db)
  if (isOn(flags, 'json')) {
    process.stdout.write(showJson(addedJson(schedule, starter)))
    return
  }
  // What is to be saved or copied is data; all else is told beside it.
  const forSystemd = isOn(flags, 'systemd')
  const beside = starter === null ? process.stdout : process.stderr
  beside.write(addedNote(schedule, workers, forSystemd))
  if (starter !== null) process.stdout.write(showStart(schedule, starter, forSystemd))
}

/** `socsync schedule list` */
export const scheduleListCommand = async (flags: Flags): Promise<void> => {
  const { db } = await place(flags)
  const schedules = await listSchedules(db)
  const starter = starterOf(flags, db)
  process.stdout.write(
    isOn(flags, 'json') ? showJson(scheduleJson(schedules, starter)) : showSchedules(schedules, starter),
  )
}

/** `socsync schedule remove` */
export const scheduleRemoveCommand = async (name: string, flags: Flags): Promise<void> => {
  const { db, crash } = await place(flags)
  await removeSchedule(name, { db }, { crash })
  const left = isDoneByWorkers(db) ? '' : 'take its line out of the crontab, or its timer out of systemd\n'
  if (isOn(flags, 'json')) process.stdout.write(showJson({ removed: name }))
  else process.stdout.write(`${name} is removed; what its runs brought stays\n${left}`)
}

/** `socsync schedule run-now` */
export const scheduleRunNowCommand = async (name: string, flags: Flags): Promise<void> => {
  await using box = await openToolbox({
    ...{ flags, env: process.env, networks, redactor },
    keyMade: keyMadeFlag(flags),
  })
  if (!isDoneByWorkers(box.settings.db))
    return await work(flags, box, settings => runNow(name, settings, box))
  const { runId } = await orderNow(name, box.settings, box)
  const next = pasted(`socsync status --run ${runId}`)
  process.stdout.write(
    isOn(flags, 'json') ? showJson({ run: runId, next }) : `run ${runId} waits for a worker\n${next}\n`,
  )
}

const place = async (flags: Flags) => {
  const { settings } = await loadConfig({ flags, env: process.env, networks })
  const { crashAt } = readTestHooks(process.env, new Map())
  return { db: settings.db, crash: crashPoint(crashAt ?? undefined) }
}

const starterOf = (flags: Flags, db: string): Starter | null =>
  isDoneByWorkers(db) ? null : starter(flags)(db)
