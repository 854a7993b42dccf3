import { instant } from '../../core/instant.ts'
import { cachedReads } from '../cached-read.ts'
import { Changes, changesView } from '../change-schemas.ts'
import { answers, Refused } from '../problems.ts'
import { ChangesQuery } from '../request-schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON } from '../start-run.ts'

const DAY_MS = 86_400_000
/** Who asks for the last day asks for the same as whoever did a little before. */
const MINUTE_MS = 60_000

/** What changed since a moment, or in a run. */
export const changeRoutes: Routes = (app, context) => {
  const kept = cachedReads<ReturnType<typeof changesView>>(20)
  app.get(
    '/v1/changes',
    {
      schema: {
        operationId: 'listChanges',
        summary: 'What is new, edited, gone, back or has moved since a moment, or by a run',
        description: 'Counted whole, with the first or largest of each kind.',
        tags: ['profiles'],
        querystring: ChangesQuery,
        response: answers({ 200: Changes }, ...COMMON, 'bad-request', 'bad-input'),
      },
    },
    async request => {
      const { since, run, network, entity, limit } = request.query
      if (since !== undefined && run !== undefined)
        throw new Refused('bad-input', { detail: 'since and run say the same: give one' })
      const of = {
        since: run === undefined ? await beginning(since) : null,
        run: run === undefined ? null : Number(run),
        network: network ?? null,
        entity: entity ?? null,
      }
      const asked = { of, limit }
      return kept.read(JSON.stringify(asked), async () =>
        changesView(await context.readings.ask('changes', asked)),
      )
    },
  )

  const beginning = async (since: string | undefined) => {
    if (since !== undefined) return instant(Date.parse(since))
    return instant(Math.floor(((await context.now()) - DAY_MS) / MINUTE_MS) * MINUTE_MS)
  }
}
