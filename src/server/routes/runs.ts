import { browseRuns } from '../../app/reports/queries.ts'
import { checkRunOrder } from '../../app/run/run-queue.ts'
import { readNumber, slicePage } from '../cursor.ts'
import { parseRunRequest } from '../parse-run-request.ts'
import { answers, Refused } from '../problems.ts'
import { IdPath, ListQuery, NewRun, WithKey } from '../request-schemas.ts'
import { pageOf, Run, RunSummary } from '../schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON, ON_BODY, ORDERED, resume, showRun, standingOf, startRun } from '../start-run.ts'
import { runSummary } from '../views.ts'

const RunPage = pageOf('RunPage', RunSummary)

/** Runs: asked for, listed, looked at, cancelled. */
export const runRoutes: Routes = (app, context) => {
  app.post(
    '/v1/runs',
    {
      schema: {
        operationId: 'startRun',
        summary: 'Start a run',
        tags: ['runs'],
        headers: WithKey,
        body: NewRun,
        response: answers(ORDERED, ...COMMON, ...ON_BODY, 'bad-input', 'no-credential', 'key-reused'),
      },
    },
    async (request, reply) => {
      const order = parseRunRequest(request.body, context)
      await checkRunOrder(order, context.networks, context.toolbox)
      const { status, run } = await startRun(context, order, request.headers['idempotency-key'], request.body)
      return reply.code(status).header('location', `/v1/runs/${run.id}`).send(run)
    },
  )

  app.get(
    '/v1/runs',
    {
      schema: {
        operationId: 'listRuns',
        summary: 'All runs, newest first',
        tags: ['runs'],
        querystring: ListQuery,
        response: answers({ 200: RunPage }, ...COMMON, 'bad-request'),
      },
    },
    async request => {
      const { cursor, limit } = request.query
      const found = await browseRuns(context.reader, { after: readNumber(cursor), limit: limit + 1 })
      return slicePage(found, limit, runSummary)
    },
  )

  app.get(
    '/v1/runs/:id',
    {
      schema: {
        operationId: 'getRun',
        summary: 'How a run stands: what came, what is missing and why, what it cost',
        tags: ['runs'],
        params: IdPath,
        response: answers({ 200: Run }, ...COMMON, 'not-found'),
      },
    },
    request => showRun(context, Number(request.params.id)),
  )

  app.post(
    '/v1/runs/:id/cancel',
    {
      schema: {
        operationId: 'cancelRun',
        summary: 'End a run: what is in flight is finished and saved, the rest can be resumed',
        tags: ['runs'],
        params: IdPath,
        response: answers(
          { 202: Run.describe('It ends as soon as what is in flight is saved') },
          ...COMMON,
          ...ON_BODY,
          'not-found',
          'run-ended',
          'run-elsewhere',
        ),
      },
    },
    async (request, reply) => {
      const id = Number(request.params.id)
      const { state } = await standingOf(context, id)
      if (state === 'ended') throw new Refused('run-ended')
      if (!(await (context.queue.isShared ? context.queue : context.runner).cancel(id)))
        throw new Refused('run-elsewhere', { hint: 'end it where it was started' })
      return reply.code(202).send(await showRun(context, id))
    },
  )

  app.post(
    '/v1/runs/:id/resume',
    {
      schema: {
        operationId: 'resumeRun',
        summary: 'Go on with all jobs of a run that are partial, failed or interrupted, by a new run',
        tags: ['runs'],
        params: IdPath,
        headers: WithKey,
        response: answers(ORDERED, ...COMMON, ...ON_BODY, 'not-found', 'nothing-to-resume', 'key-reused'),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await standingOf(context, Number(id))
      const resumed = await resume(context, { runId: Number(id) }, request.headers['idempotency-key'])
      return reply.code(resumed.status).header('location', `/v1/runs/${resumed.run.id}`).send(resumed.run)
    },
  )
}
