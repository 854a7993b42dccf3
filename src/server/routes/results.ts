import { z } from 'zod'
import {
  type Place,
  placeLength,
  RESULT_KINDS,
  type ResultFilter,
  readJobResults,
} from '../../app/reports/queries.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { isKnown } from '../etag.ts'
import { BUNDLE, LISTED, listOf, NDJSON, pageOfLines, streamOfLines, wantsLines } from '../lines.ts'
import { answers } from '../problems.ts'
import { IdPath, RESULT_QUERIES } from '../request-schemas.ts'
import { RESULT_PAGES } from '../schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON, noJob } from '../start-run.ts'

/** What a job brought, one list each: in pages, or as a stream of lines for whoever asks for those. */
export const resultRoutes: Routes = (app, context) => {
  for (const kind of RESULT_KINDS) {
    app.get(
      `/v1/jobs/:id/results/${kind}`,
      {
        schema: {
          operationId: `list${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
          summary: `The ${kind} that a job, and those it continues, wrote last`,
          description: LISTED,
          tags: ['results'],
          params: IdPath,
          querystring: RESULT_QUERIES[kind],
          response: answers(
            {
              200: listOf(RESULT_PAGES[kind]),
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
        const read = (place: Place | null, rows: number) =>
          readJobResults(context.reader, job, kind, filter, { after: place, limit: rows })
        reply.header('vary', 'accept')
        if (wantsLines(request.headers.accept)) {
          const first = await read(after, BUNDLE)
          if (first === null) throw noJob(id)
          return reply.type(NDJSON).send(streamOfLines(first, place => read(place, BUNDLE), context.stopping))
        }
        const page = await read(after, limit)
        if (page === null) throw noJob(id)
        const body = pageOfLines(page.lines, writeCursor(page.next))
        if (page.final && isKnown(request, reply, body)) return reply.code(304).send()
        return reply.type('application/json').send(body)
      },
    )
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
