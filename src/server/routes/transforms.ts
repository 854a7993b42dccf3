import { z } from 'zod'
import { isTransform, readTransformLines } from '../../app/reports/queries.ts'
import { retryTransforms } from '../../app/transform.ts'
import { readNumber, writeCursor } from '../cursor.ts'
import { BUNDLE, LISTED, listOf, NDJSON, pageOfLines, streamOfLines, wantsLines } from '../lines.ts'
import { answers, Refused } from '../problems.ts'
import { NamePath, TransformsQuery } from '../request-schemas.ts'
import { Transform, TransformPage } from '../schemas.ts'
import type { Routes, ServerContext } from '../server-context.ts'
import { COMMON, ON_BODY } from '../start-run.ts'
import { IDLE } from '../transform-runner.ts'
import { transformView } from '../views.ts'

/** External transforms: how they stand, started and stopped, and what came of them. */
export const transformRoutes: Routes = (app, context) => {
  app.get(
    '/v1/transforms',
    {
      schema: {
        operationId: 'listTransforms',
        summary: 'The transforms that are configured, or of which something is stored',
        tags: ['transforms'],
        response: answers(
          { 200: z.object({ items: z.array(Transform) }).meta({ id: 'Transforms' }) },
          ...COMMON,
        ),
      },
    },
    async () => ({ items: await showAll(context) }),
  )

  app.get(
    '/v1/transforms/:name',
    {
      schema: {
        operationId: 'getTransform',
        summary: 'How a transform stands: what is open, what is done, what failed and why',
        tags: ['transforms'],
        params: NamePath,
        response: answers({ 200: Transform }, ...COMMON, 'not-found'),
      },
    },
    request => show(context, request.params.name),
  )

  app.post(
    '/v1/transforms/:name/run',
    {
      schema: {
        operationId: 'runTransform',
        summary: 'Queue what is new or changed, submit it, and ask until all of it is answered',
        description:
          'Goes on for as long as the service takes, over restarts of this server. Asked for again meanwhile, it queues what is new since.',
        tags: ['transforms'],
        params: NamePath,
        response: answers(
          { 202: Transform.describe('It is worked on') },
          ...COMMON,
          ...ON_BODY,
          'not-found',
          'not-configured',
          'no-credential',
        ),
      },
    },
    async (request, reply) => {
      const settings = await configured(context, request.params.name)
      // Thrown here where its token is missing, and not in the thread.
      await context.toolbox.tokenOf(settings)
      await context.transforms.start(settings.transform)
      return reply.code(202).send(await show(context, settings.transform))
    },
  )

  app.post(
    '/v1/transforms/:name/cancel',
    {
      schema: {
        operationId: 'cancelTransform',
        summary: 'Stop the work: what is in flight is finished, the rest stays queued',
        tags: ['transforms'],
        params: NamePath,
        response: answers(
          { 202: Transform.describe('It stops as soon as what is in flight is saved') },
          ...COMMON,
          ...ON_BODY,
          'not-found',
          'not-working',
        ),
      },
    },
    async (request, reply) => {
      const { name } = request.params
      await mustExist(context, name)
      if (!(await context.transforms.cancel(name))) throw new Refused('not-working')
      return reply.code(202).send(await show(context, name))
    },
  )

  app.post(
    '/v1/transforms/:name/retry',
    {
      schema: {
        operationId: 'retryTransform',
        summary: 'Queue again what failed; `run` submits it',
        tags: ['transforms'],
        params: NamePath,
        response: answers(
          { 200: z.object({ requeued: z.int().min(0) }).meta({ id: 'Requeued' }) },
          ...COMMON,
          ...ON_BODY,
          'not-found',
          'not-configured',
        ),
      },
    },
    async request => {
      const { transform } = await configured(context, request.params.name)
      const again = await retryTransforms({ db: context.settings.db, names: [transform] }, context.toolbox)
      context.stored.forget()
      return { requeued: again.get(transform) ?? 0 }
    },
  )

  app.get(
    '/v1/transforms/:name/results',
    {
      schema: {
        operationId: 'listTransformResults',
        summary: 'What the transform was given and what came of it, in the order in which it was queued',
        description: LISTED,
        tags: ['transforms'],
        params: NamePath,
        querystring: TransformsQuery,
        response: answers({ 200: listOf(TransformPage) }, ...COMMON, 'bad-request', 'not-found'),
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const { cursor, limit, version = null, network = null, status } = request.query
      await mustExist(context, name)
      const filter = { transform: name, version, network, statuses: status }
      const read = (after: number | null, rows: number) =>
        readTransformLines(context.reader, { ...filter, after, limit: rows })
      reply.header('vary', 'accept')
      const after = readNumber(cursor)
      if (wantsLines(request.headers.accept)) {
        const first = await read(after, BUNDLE)
        return reply.type(NDJSON).send(streamOfLines(first, place => read(place, BUNDLE), context.stopping))
      }
      const page = await read(after, limit)
      const next = writeCursor(page.next === null ? null : [page.next])
      return reply.type('application/json').send(pageOfLines(page.lines, next))
    },
  )
}

const showAll = async ({ stored, transforms, defaultTransforms }: ServerContext) => {
  // The works before the counts: what is told to be idle is counted to its end.
  const works = await transforms.works()
  return (await stored.read()).map(one =>
    transformView(one, works.get(one.name) ?? IDLE, defaultTransforms.includes(one.name)),
  )
}

const show = async (context: ServerContext, name: string) => {
  const found = (await showAll(context)).find(one => one.name === name)
  if (found === undefined) throw noTransform(name)
  return found
}

const mustExist = async ({ reader, toolbox }: ServerContext, name: string): Promise<void> => {
  if (!(await isTransform(reader, name, toolbox.transforms))) throw noTransform(name)
}

const noTransform = (name: string): Refused =>
  new Refused('not-found', { detail: `there is no transform ${name}` })

/** A transform that can be asked for. */
const configured = async (context: ServerContext, name: string) => {
  await mustExist(context, name)
  const settings = context.toolbox.transforms.find(({ transform }) => transform === name)
  if (settings !== undefined) return settings
  throw new Refused('not-configured', {
    hint: 'describe it there and start the server anew; its results can be read all the same',
  })
}
