import { planView } from '../../app/plan.ts'
import { checkRunOrder } from '../../app/run/run-queue.ts'
import { parseRunRequest } from '../parse-run-request.ts'
import { Plan } from '../plan-schemas.ts'
import { answers } from '../problems.ts'
import { NewRun } from '../request-schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON, ON_BODY } from '../start-run.ts'

/** The price of a run before it is asked for. */
export const planRoutes: Routes = (app, context) => {
  app.post(
    '/v1/plan',
    {
      schema: {
        operationId: 'planRun',
        summary: 'What a run would cost; nothing is fetched, and nothing is made',
        description:
          'Takes what `POST /v1/runs` takes, and refuses what that refuses. A range until profile and posts are stored.',
        tags: ['runs'],
        body: NewRun,
        response: answers({ 200: Plan }, ...COMMON, ...ON_BODY, 'bad-input', 'no-credential'),
      },
    },
    async request => {
      const order = parseRunRequest(request.body, context)
      await checkRunOrder(order, context.networks, context.toolbox)
      return planView(await context.prices.ask('plan', order))
    },
  )
}
