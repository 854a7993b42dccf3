import { z } from 'zod'
import { quotaLeft } from '../../app/cost/quota-left.ts'
import { browseLearned } from '../../app/reports/queries.ts'
import { answers } from '../problems.ts'
import { NetworkInfo } from '../schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON } from '../start-run.ts'
import { poolView } from '../views.ts'

/** What there is to be asked, and how much of it is left. */
export const networkRoutes: Routes = (app, context) => {
  app.get(
    '/v1/networks',
    {
      schema: {
        operationId: 'listNetworks',
        summary: 'The networks, whether they can be asked, and the quota that is left',
        tags: ['networks'],
        response: answers(
          { 200: z.object({ items: z.array(NetworkInfo) }).meta({ id: 'Networks' }) },
          ...COMMON,
        ),
      },
    },
    async () => {
      const { reader, pools, networks } = context
      const now = await context.now()
      const quota = await quotaLeft(reader.db, pools, now)
      const names = networks.map(({ name }) => name)
      const learned = await browseLearned(reader, names, now)
      return {
        items: networks.map(({ name, title, idForms }) => ({
          name,
          title,
          id_forms: idForms,
          has_credential: pools.some(pool => pool.network === name),
          quota: quota.filter(pool => pool.network === name).map(poolView),
          not_asked: learned.filter(rule => rule.network === name),
        })),
      }
    },
  )
}
