import { z } from 'zod'
import { cachedRead } from '../cached-read.ts'
import { Counter, Moment, maybe } from '../plain-schemas.ts'
import { answers } from '../problems.ts'
import type { Routes } from '../server-context.ts'
import { COMMON } from '../start-run.ts'

/** What does not pass by itself: a person has to do something about it. */
export const needRoutes: Routes = (app, context) => {
  const needs = cachedRead(async () => context.readings.ask('needs', { now: await context.now() }))
  app.get(
    '/v1/needs',
    {
      schema: {
        operationId: 'listNeeds',
        summary:
          'What needs a person: a credential that is refused, a network that has given nothing for days',
        tags: ['networks'],
        response: answers({ 200: NeedList }, ...COMMON),
      },
    },
    async () => ({
      items: (await needs.read()).map(need => ({
        kind: need.kind,
        network: need.network,
        error_type: need.errorType,
        message: need.message,
        since: need.since,
        runs: need.runs,
        last_success: need.lastSuccess,
        credentials: need.network === null ? [] : credentialsOf(need.network, need.credentials),
      })),
    }),
  )

  /** Those that were refused; where none is known by name, all of the network. */
  const credentialsOf = (network: string, refused: readonly string[]) => {
    const all = context.credentialsOf(network)
    const named = all.filter(({ name }) => refused.includes(name))
    return [...(named.length === 0 ? all : named)]
  }
}

const NeedList = z
  .object({
    items: z.array(
      z
        .object({
          kind: z.enum(['renew', 'set-up', 'report', 'list', 'look', 'start']).meta({
            description:
              '`renew`: a credential is refused; `set-up`: a network does not answer as it is set up; `report`: it calls a request wrong; `look`: nothing came for so long that it will not pass',
          }),
          network: maybe(z.string()),
          error_type: maybe(z.string()),
          message: maybe(z.string()).meta({ description: "The network's own words" }),
          since: maybe(Moment),
          runs: Counter.meta({ description: 'In how many runs' }),
          last_success: maybe(Moment),
          credentials: z
            .array(z.object({ name: z.string(), place: z.string() }))
            .meta({ description: 'Which are meant, and where their secrets stand' }),
        })
        .meta({ id: 'Need' }),
    ),
  })
  .meta({ id: 'Needs' })
