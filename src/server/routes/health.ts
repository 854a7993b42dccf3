import { z } from 'zod'
import { hasRuns } from '../../app/reports/queries.ts'
import { answers, Refused } from '../problems.ts'
import { Health } from '../schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON } from '../start-run.ts'

/** For those who watch over the server. */
export const healthRoutes: Routes = (app, context) => {
  app.get(
    '/health',
    {
      schema: {
        operationId: 'health',
        summary: 'The process lives',
        tags: ['watching'],
        security: [],
        response: answers({ 200: Health }, 'foreign', 'too-many-requests'),
      },
    },
    async () => ({ status: context.stopping.aborted ? ('stopping' as const) : ('ok' as const) }),
  )

  app.get(
    '/ready',
    {
      schema: {
        operationId: 'ready',
        summary: 'Work is taken, and the database answers',
        tags: ['watching'],
        security: [],
        response: answers({ 200: Health }, 'foreign', 'too-many-requests', 'unavailable'),
      },
    },
    async () => {
      if (context.stopping.aborted) throw new Refused('unavailable', { detail: 'the server is stopping' })
      await hasRuns(context.reader)
      return { status: 'ok' as const }
    },
  )

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'For Prometheus',
        tags: ['watching'],
        response: answers(
          { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
          ...COMMON,
        ),
      },
    },
    async (_request, reply) => {
      const { prometheus, reader, reports, runner, stored, pools } = context
      const now = await context.now()
      const text = await prometheus.text({ reader, reports, runner, stored, pools, now })
      return reply.header('content-type', prometheus.contentType).send(text)
    },
  )
}
