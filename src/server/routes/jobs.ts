import { z } from 'zod'
import { browseJobs, browseTasks, isJob, viewJob } from '../../app/reports/queries.ts'
import { readNumber, slicePage } from '../cursor.ts'
import { isKnown } from '../etag.ts'
import { answers } from '../problems.ts'
import { IdPath, JobsQuery, TasksQuery, WithKey } from '../request-schemas.ts'
import { Job, JobSummary, pageOf, Task } from '../schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON, noJob, ON_BODY, ORDERED, resume } from '../start-run.ts'
import { jobSummary, jobView, taskView } from '../views.ts'

const JobPage = pageOf('JobPage', JobSummary)
const TaskPage = pageOf('TaskPage', Task)

/** Jobs: listed, looked at, with their tasks, gone on with. */
export const jobRoutes: Routes = (app, context) => {
  app.get(
    '/v1/jobs',
    {
      schema: {
        operationId: 'listJobs',
        summary: 'The newest job of each profile, or all of a run; newest first',
        tags: ['jobs'],
        querystring: JobsQuery,
        response: answers({ 200: JobPage }, ...COMMON, 'bad-request'),
      },
    },
    async request => {
      const { cursor, limit, status, network, entity, run } = request.query
      const only = {
        statuses: status,
        network: network ?? null,
        entity: entity ?? null,
        run: run === undefined ? null : Number(run),
      }
      const found = await browseJobs(context.reader, only, { after: readNumber(cursor), limit: limit + 1 })
      return slicePage(found, limit, jobSummary)
    },
  )

  app.get(
    '/v1/jobs/:id',
    {
      schema: {
        operationId: 'getJob',
        summary: 'How a job stands: its tasks, what is missing and why, how complete its profile is',
        tags: ['jobs'],
        params: IdPath,
        response: answers(
          { 200: Job, 304: z.null().describe('As it was when you were given this ETag') },
          ...COMMON,
          'not-found',
        ),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const status = await viewJob(context.reader, Number(id), await context.now())
      if (status === null) throw noJob(id)
      const body = JSON.stringify(jobView(status))
      if (status.subject.finished_at !== null && isKnown(request, reply, body)) return reply.code(304).send()
      return reply.type('application/json').send(Buffer.from(body))
    },
  )

  app.get(
    '/v1/jobs/:id/tasks',
    {
      schema: {
        operationId: 'listTasks',
        summary: "A job's tasks, in the order in which they were made",
        tags: ['jobs'],
        params: IdPath,
        querystring: TasksQuery,
        response: answers({ 200: TaskPage }, ...COMMON, 'bad-request', 'not-found'),
      },
    },
    async request => {
      const { id } = request.params
      const { cursor, limit, status, kind } = request.query
      const only = { statuses: status, kinds: kind }
      const slice = { after: readNumber(cursor), limit: limit + 1 }
      const found = await browseTasks(context.reader, Number(id), only, slice)
      if (found === null) throw noJob(id)
      return slicePage(found, limit, taskView)
    },
  )

  app.post(
    '/v1/jobs/:id/resume',
    {
      schema: {
        operationId: 'resumeJob',
        summary: 'Go on with a job that is partial, failed or interrupted, by a new run',
        tags: ['jobs'],
        params: IdPath,
        headers: WithKey,
        response: answers(ORDERED, ...COMMON, ...ON_BODY, 'not-found', 'nothing-to-resume', 'key-reused'),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (!(await isJob(context.reader, Number(id)))) throw noJob(id)
      const resumed = await resume(context, { jobs: [Number(id)] }, request.headers['idempotency-key'])
      return reply.code(resumed.status).header('location', `/v1/runs/${resumed.run.id}`).send(resumed.run)
    },
  )
}
