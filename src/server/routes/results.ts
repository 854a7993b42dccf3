import { Readable } from 'node:stream'
import { z } from 'zod'
import { placeLength, RESULT_KINDS, type ResultFilter, readJobResults } from '../../app/browse.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { isKnown } from '../etag.ts'
import { BUNDLE, NDJSON, pageOfLines, streamOfLines, wantsLines } from '../lines.ts'
import { COMMON, noJob } from '../ordering.ts'
import { answers } from '../problems.ts'
import type { Routes, Scene } from '../scene.ts'
import { IdPath, RESULT_PAGES, RESULT_QUERIES } from '../schemas.ts'

type Kind = (typeof RESULT_KINDS)[number]

/** What a job brought, one list each: in pages, or as a stream of lines for whoever asks for those. */
export const resultRoutes: Routes = (app, scene) => {
  for (const kind of RESULT_KINDS) {
    app.get(
      `/v1/jobs/:id/results/${kind}`,
      {
        schema: {
          operationId: `list${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
          summary: `The ${kind} that a job, and those it continues, wrote last`,
          description: `In pages whose order does not change while rows are written, or with \`Accept: ${NDJSON}\` as a stream of lines.`,
          tags: ['results'],
          params: IdPath,
          querystring: RESULT_QUERIES[kind],
          response: answers(
            {
              200: {
                description: 'A page, or all from the cursor on',
                content: {
                  'application/json': { schema: RESULT_PAGES[kind] },
                  [NDJSON]: { schema: z.string().meta({ description: 'Each line a row' }) },
                },
              },
              304: z.null().describe('Of a job that has ended: as it was when you were given this ETag'),
            },
            ...COMMON,
            'bad-request',
            'not-found',
          ),
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const { cursor, limit, ...narrowed } = request.query
        const job = Number(id)
        const filter = filterOf(narrowed)
        const after = readCursor(cursor, placeLength(kind))
        const asked = { kind, job, filter }
        reply.header('vary', 'accept')
        if (wantsLines(request.headers.accept)) {
          const first = await readPage(scene, asked, after, BUNDLE)
          if (first === null) throw noJob(id)
          return reply.type(NDJSON).send(Readable.from(lines(scene, asked, first)))
        }
        const page = await readPage(scene, asked, after, limit)
        if (page === null) throw noJob(id)
        const body = pageOfLines(page.lines, writeCursor(page.next))
        if (page.final && isKnown(request, reply, body)) return reply.code(304).send()
        return reply.type('application/json').send(body)
      },
    )
  }
}

interface Asked {
  readonly kind: Kind
  readonly job: number
  readonly filter: ResultFilter
}

type Page = NonNullable<Awaited<ReturnType<typeof readJobResults>>>

const readPage = ({ reader }: Scene, { job, kind, filter }: Asked, after: Page['next'], limit: number) =>
  readJobResults(reader, job, kind, filter, { after, limit })

/** Pages are read as fast as they are taken: a slow reader holds nothing up, and no transaction stays open. */
async function* lines(scene: Scene, asked: Asked, first: Page): AsyncGenerator<Buffer> {
  for (let page: Page | null = first; page !== null; ) {
    if (page.lines.length > 0) yield streamOfLines(page.lines)
    if (page.next === null || scene.stopping.aborted) return
    page = await readPage(scene, asked, page.next, BUNDLE)
  }
}

const filterOf = (narrowed: {
  readonly since?: string | undefined
  readonly post_id?: string | undefined
  readonly name?: string | undefined
  readonly subject?: 'profile' | 'post' | undefined
}): ResultFilter => ({
  since: narrowed.since === undefined ? null : new Date(narrowed.since).toISOString(),
  postId: narrowed.post_id ?? null,
  name: narrowed.name ?? null,
  subject: narrowed.subject ?? null,
})
