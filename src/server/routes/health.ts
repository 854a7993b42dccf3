import { z } from 'zod'
import { browseRuns } from '../../app/reports/queries.ts'
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
      await browseRuns(context.reader, { after: null, limit: 1 })
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
      const { prometheus, reader, runner, stored, pools, toolbox } = context
      const text = await prometheus.text({ reader, runner, stored, pools, now: toolbox.clock.now() })
      return reply.header('content-type', prometheus.contentType).send(text)
    },
  )
}
