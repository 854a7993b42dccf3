import { z } from 'zod'
import { quotaLeft } from '../../app/quota-left.ts'
import { COMMON } from '../ordering.ts'
import { answers } from '../problems.ts'
import type { Routes } from '../scene.ts'
import { NetworkInfo } from '../schemas.ts'
import { poolView } from '../views.ts'

/** What there is to be asked, and how much of it is left. */
export const networkRoutes: Routes = (app, scene) => {
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
      const { reader, purses, networks, toolbox } = scene
      const quota = await quotaLeft(reader, purses, toolbox.clock.now())
      return {
        items: networks.map(({ name, title, idForms }) => ({
          name,
          title,
          id_forms: idForms,
          has_credential: purses.some(purse => purse.network === name),
          quota: quota.filter(pool => pool.network === name).map(poolView),
        })),
      }
    },
  )
}
