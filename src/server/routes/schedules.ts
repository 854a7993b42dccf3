import { z } from 'zod'
import { checkRunOrder } from '../../app/run/run-queue.ts'
import { readCron, readTimeZone } from '../../app/schedule/cron.ts'
import {
  addSchedule,
  browseSchedules,
  orderNow,
  removeSchedule,
  type ScheduleView,
} from '../../app/schedule/schedules.ts'
import { crontabOf } from '../../app/schedule/units.ts'
import { Locked } from '../../core/errors.ts'
import { parseRunRequest } from '../parse-run-request.ts'
import { answers, Refused } from '../problems.ts'
import { NewSchedule, SchedulePath } from '../request-schemas.ts'
import { Schedule } from '../schemas.ts'
import type { Routes, ServerContext } from '../server-context.ts'
import { COMMON, ON_BODY, ORDERED, showRun } from '../start-run.ts'
import { runSummary } from '../views.ts'

/** Runs at set times: workers start them on a server's database; on a file cron does, by the line that is told. */
export const scheduleRoutes: Routes = (app, context) => {
  app.get(
    '/v1/schedules',
    {
      schema: {
        operationId: 'listSchedules',
        summary: 'All schedules by name, each with its next time and how its last run stands',
        tags: ['schedules'],
        response: answers({ 200: ScheduleList }, ...COMMON),
      },
    },
    async () => {
      const { items, workers } = await browseSchedules(context.reader, context.settings.db)
      return { items: items.map(item => scheduleView(item, context)), workers }
    },
  )

  app.post(
    '/v1/schedules',
    {
      schema: {
        operationId: 'addSchedule',
        summary: 'Store a run and when it is done',
        description:
          'Its list is kept as it is now. On a file nothing starts it but the `crontab` of the answer.',
        tags: ['schedules'],
        body: NewSchedule,
        response: answers(
          { 201: Schedule.describe('It is stored') },
          ...COMMON,
          ...ON_BODY,
          'bad-input',
          'no-credential',
        ),
      },
    },
    async (request, reply) => {
      const { name, cron, time_zone, ...asked } = request.body
      const time = { cron: readCron(cron, 'cron'), timeZone: readTimeZone(time_zone ?? 'UTC', 'time_zone') }
      const order = parseRunRequest(asked, context)
      await checkRunOrder(order, context.networks, context.toolbox)
      await addSchedule({ name, ...time, order }, context.settings, context.toolbox)
      return reply
        .code(201)
        .header('location', `/v1/schedules`)
        .send(await show(context, name))
    },
  )

  app.delete(
    '/v1/schedules/:name',
    {
      schema: {
        operationId: 'removeSchedule',
        summary: 'Remove a schedule; what its runs brought stays',
        tags: ['schedules'],
        params: SchedulePath,
        response: answers({ 200: Schedule.describe('As it was') }, ...COMMON, ...ON_BODY, 'not-found'),
      },
    },
    async request => {
      const { name } = request.params
      const was = await show(context, name)
      await removeSchedule(name, context.settings, context.toolbox)
      return was
    },
  )

  app.post(
    '/v1/schedules/:name/run-now',
    {
      schema: {
        operationId: 'runSchedule',
        summary: 'Start a run of a schedule, whatever its times',
        tags: ['schedules'],
        params: SchedulePath,
        response: answers({ 202: ORDERED[202] }, ...COMMON, ...ON_BODY, 'not-found', 'still-running'),
      },
    },
    async (request, reply) => {
      const { name } = request.params
      await show(context, name)
      const ordered = await orderNow(name, context.settings, context.toolbox).catch((error: unknown) => {
        if (error instanceof Locked) throw new Refused('still-running', { detail: error.message })
        throw error
      })
      if (!context.queue.isShared) context.runner.add(ordered)
      const run = await showRun(context, ordered.runId)
      return reply.code(202).header('location', `/v1/runs/${run.id}`).send(run)
    },
  )
}

const ScheduleList = z
  .object({
    items: z.array(Schedule),
    workers: z.int().min(0).nullable().meta({
      description: 'How many workers are there to start them; null = a file, whose runs cron starts',
    }),
  })
  .meta({ id: 'Schedules' })

const show = async (context: ServerContext, name: string) => {
  const { items } = await browseSchedules(context.reader, context.settings.db)
  const found = items.find(item => item.name === name)
  if (found === undefined) throw new Refused('not-found', { detail: `there is no schedule ${name}` })
  return scheduleView(found, context)
}

const scheduleView = (
  { last_run, scopes, ...schedule }: ScheduleView,
  { starter }: Pick<ServerContext, 'starter'>,
) => ({
  ...schedule,
  scopes: [...scopes],
  last_run: last_run && runSummary(last_run),
  crontab: starter && crontabOf(schedule, starter),
})
