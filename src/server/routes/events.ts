import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { countRunJobs, viewRun } from '../../app/browse.ts'
import type { Feed } from '../feed.ts'
import { COMMON, showRun } from '../ordering.ts'
import { answers, Refused } from '../problems.ts'
import type { Routes, Scene } from '../scene.ts'
import { IdPath } from '../schemas.ts'

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
export const eventRoutes: Routes = (app, scene) => {
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
      if ((await viewRun(scene.reader, run)) === null)
        throw new Refused('not-found', { detail: `there is no run ${run}` })
      const last = request.headers['last-event-id']
      if (last === `${BOOT}-${run}-end`) return reply.code(204).send()
      const left = new AbortController()
      reply.raw.once('close', () => left.abort())
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(Readable.from(watch(scene, run, numberIn(last, run), left.signal)))
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
  scene: Scene,
  run: number,
  had: number | null,
  left: AbortSignal,
): AsyncGenerator<string> {
  const feed = scene.runner.feed(run)
  let at = had ?? feed?.last ?? 0
  if (had === null || feed === undefined) yield event('run', await showRun(scene, run), idOf(run, at))
  let told = ''
  let saidAt = Date.now()
  while (!left.aborted) {
    const isOver = feed === undefined ? await hasEnded(scene, run) : feed.ended
    const missed = feed?.after(at) ?? null
    if (feed !== undefined && missed === null) {
      at = feed.last
      yield event('run', await showRun(scene, run), idOf(run, at))
    }
    for (const { number, name, data } of missed ?? []) {
      at = number
      yield event(name, data, idOf(run, number))
    }
    if (isOver && !scene.stopping.aborted)
      return void (yield event('end', await showRun(scene, run), idOf(run, 'end')))
    if (scene.stopping.aborted) return void (yield event('stopping', {}, null))
    const progress = JSON.stringify(await progressOf(scene, run, feed))
    if (progress !== told) {
      told = progress
      saidAt = Date.now()
      yield `event: progress\ndata: ${progress}\n\n`
    } else if (Date.now() - saidAt > SILENCE_MS) {
      saidAt = Date.now()
      yield ': still here\n\n'
    }
    await tick(feed, left, scene.stopping)
  }
}

const idOf = (run: number, place: number | 'end'): string => `${BOOT}-${run}-${place}`

const event = (name: string, data: object, id: string | null): string =>
  `event: ${name}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

const hasEnded = async (scene: Scene, run: number): Promise<boolean> => {
  const state = (await viewRun(scene.reader, run))?.state
  return state === undefined || state === 'ended' || state === 'interrupted'
}

const progressOf = async (scene: Scene, run: number, feed: Feed | undefined) => ({
  state: scene.runner.position(run) === null ? 'running' : 'queued',
  jobs: await countRunJobs(scene.reader, run),
  ...(feed?.tally ?? {}),
})

/** A second; shorter where the run ends, the client leaves or the server stops. Events wait for the second, in bundles. */
const tick = async (feed: Feed | undefined, ...ends: readonly AbortSignal[]): Promise<void> => {
  const over = new AbortController()
  const signal = AbortSignal.any([...ends, over.signal])
  const second = pause(TICK_MS, undefined, { signal }).catch(() => {})
  if (feed === undefined) return void (await second)
  const ended = (async () => {
    while (!feed.ended && !signal.aborted) await Promise.race([feed.change, second])
  })()
  await Promise.race([second, ended])
  over.abort()
}
