import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { findRun } from '../../app/reports/queries.ts'
import type { EventBuffer } from '../event-buffer.ts'
import { answers } from '../problems.ts'
import { IdPath } from '../request-schemas.ts'
import type { Routes, ServerContext } from '../server-context.ts'
import { COMMON, showRun, standingOf } from '../start-run.ts'

const LastEventId = z.object({
  'last-event-id': z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'The id of the last event that you had: the stream goes on behind it' }),
})

const EVENTS = `Server-sent events:

- \`run\`: the run as \`GET /v1/runs/{id}\` gives it; first, where the stream does not go on behind an event
- \`progress\`: \`{"state", "jobs", "items", "pages", "calls"}\`, when something moved, at most once a second
- \`call.failed\`, \`walk.restarted\`, \`job.ended\`, \`lane.waiting\`, \`lane.stopped\`, \`identity.changed\`: as they happen
- \`end\`: the run as it ended; the stream is over. With its id as \`Last-Event-ID\` there is nothing more: 204
- \`stopping\`: the server stops; come back later

Runs of other processes on the same file have \`run\`, \`progress\` and \`end\` alone.`

/** What happens in a run, as it happens. */
export const eventRoutes: Routes = (app, context) => {
  app.get(
    '/v1/runs/:id/events',
    {
      schema: {
        operationId: 'watchRun',
        summary: 'The events of a run, as they happen',
        description: EVENTS,
        tags: ['runs'],
        params: IdPath,
        headers: LastEventId,
        response: answers(
          {
            200: {
              description: 'A stream of events',
              content: { 'text/event-stream': { schema: z.string() } },
            },
            204: z.null().describe('You had its last event'),
          },
          ...COMMON,
          'bad-request',
          'not-found',
        ),
      },
    },
    async (request, reply) => {
      const run = Number(request.params.id)
      await standingOf(context, run)
      const last = request.headers['last-event-id']
      if (last === `${BOOT}-${run}-end`) return reply.code(204).send()
      const left = new AbortController()
      reply.raw.once('close', () => left.abort())
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(Readable.from(watch(context, run, numberIn(last, run), left.signal)))
    },
  )
}

/** Tells the events of this process from those of one before it. */
const BOOT = Date.now().toString(36)

const numberIn = (id: string | undefined, run: number): number | null => {
  const [, number] = new RegExp(`^${BOOT}-${run}-(\\d{1,15})$`).exec(id ?? '') ?? []
  return number === undefined ? null : Number(number)
}

const TICK_MS = 1_000
/** After so long without a word one is said, so that proxies and clients know that the stream lives. */
const SILENCE_MS = 15_000

/** As fast as it is taken: whoever reads slowly is told the newest state and what was kept meanwhile. */
async function* watch(
  context: ServerContext,
  run: number,
  had: number | null,
  left: AbortSignal,
): AsyncGenerator<string> {
  const buffer = context.runner.buffer(run)
  let at = had ?? buffer?.last ?? 0
  if (had === null || buffer === undefined) yield event('run', await showRun(context, run), idOf(run, at))
  let told = ''
  let saidAt = Date.now()
  while (!left.aborted) {
    const isOver = buffer === undefined ? await hasEnded(context, run) : buffer.ended
    const missed = buffer?.after(at) ?? null
    if (buffer !== undefined && missed === null) {
      at = buffer.last
      yield event('run', await showRun(context, run), idOf(run, at))
    }
    for (const { number, name, data } of missed ?? []) {
      at = number
      yield event(name, data, idOf(run, number))
    }
    if (isOver && !context.stopping.aborted)
      return void (yield event('end', await showRun(context, run), idOf(run, 'end')))
    if (context.stopping.aborted) return void (yield event('stopping', {}, null))
    const progress = JSON.stringify(await progressOf(context, run, buffer))
    if (progress !== told) {
      told = progress
      saidAt = Date.now()
      yield `event: progress\ndata: ${progress}\n\n`
    } else if (Date.now() - saidAt > SILENCE_MS) {
      saidAt = Date.now()
      yield ': still here\n\n'
    }
    await tick(buffer, left, context.stopping)
  }
}

const idOf = (run: number, place: number | 'end'): string => `${BOOT}-${run}-${place}`

const event = (name: string, data: object, id: string | null): string =>
  `event: ${name}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

const hasEnded = async (context: ServerContext, run: number): Promise<boolean> => {
  const state = (await findRun(context.reader, run))?.state
  return state === undefined || state === 'ended' || state === 'interrupted'
}

const progressOf = async (context: ServerContext, run: number, buffer: EventBuffer | undefined) => ({
  state: context.runner.position(run) === null ? 'running' : 'queued',
  jobs: await context.reports.jobsOfRun(run),
  ...(buffer?.tally ?? {}),
})

/** A second; shorter where the run ends, the client leaves or the server stops. Events wait for the second, in bundles. */
const tick = async (buffer: EventBuffer | undefined, ...ends: readonly AbortSignal[]): Promise<void> => {
  const over = new AbortController()
  const signal = AbortSignal.any([...ends, over.signal])
  const second = pause(TICK_MS, undefined, { signal }).catch(() => {})
  if (buffer === undefined) return void (await second)
  const ended = (async () => {
    while (!buffer.ended && !signal.aborted) await Promise.race([buffer.change, second])
  })()
  await Promise.race([second, ended])
  over.abort()
}
