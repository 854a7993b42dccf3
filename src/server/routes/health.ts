import { z } from 'zod'
import { browseRuns } from '../../app/browse.ts'
import { COMMON } from '../ordering.ts'
import { answers, Refused } from '../problems.ts'
import type { Routes } from '../scene.ts'
import { Health } from '../schemas.ts'

/** For those who watch over the server. */
export const healthRoutes: Routes = (app, scene) => {
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
    async () => ({ status: scene.stopping.aborted ? ('stopping' as const) : ('ok' as const) }),
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
      if (scene.stopping.aborted) throw new Refused('unavailable', { detail: 'the server is stopping' })
      await browseRuns(scene.reader, { after: null, limit: 1 })
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
      const { measures, reader, runner, stored, purses, toolbox } = scene
      const text = await measures.text({ reader, runner, stored, purses, now: toolbox.clock.now() })
      return reply.header('content-type', measures.contentType).send(text)
    },
  )
}
