import { z } from 'zod'
import { browseWorkers } from '../../app/reports/queries.ts'
import { answers } from '../problems.ts'
import type { Routes } from '../server-context.ts'
import { COMMON } from '../start-run.ts'
import { workerView } from '../views.ts'
import { Worker } from '../worker-schemas.ts'

/** Who works on the database. */
export const workerRoutes: Routes = (app, context) => {
  app.get(
    '/v1/workers',
    {
      schema: {
        operationId: 'listWorkers',
        summary: 'The processes that work on the database, whether they live, and what each reads now',
        tags: ['watching'],
        response: answers({ 200: z.object({ items: z.array(Worker) }).meta({ id: 'Workers' }) }, ...COMMON),
      },
    },
    async () => ({ items: (await browseWorkers(context.reader)).map(workerView) }),
  )
}
