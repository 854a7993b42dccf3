import { REASON_TEXT } from '../../app/reports/messages.ts'
import { browseComments, browsePosts, type PROFILE_ORDERS } from '../../app/reports/profiles.ts'
import { readCursor, readTexts, writeCursor, wrongCursor } from '../cursor.ts'
import { answers } from '../problems.ts'
import {
  CommentList,
  NewestPosts,
  type PROFILE_SORTS,
  ProfileList,
  postView,
  profileEntry,
} from '../profile-schemas.ts'
import { CommentsQuery, IdPath, ListQuery, ProfilesQuery } from '../request-schemas.ts'
import type { Routes } from '../server-context.ts'
import { COMMON, noJob } from '../start-run.ts'

/** Profiles as people know them: by name, with their posts and what is said below these. */
export const profileRoutes: Routes = (app, context) => {
  app.get(
    '/v1/profiles',
    {
      schema: {
        operationId: 'listProfilesByName',
        summary: 'The profiles that were asked for, each with its names and its newest job',
        tags: ['profiles'],
        querystring: ProfilesQuery,
        response: answers({ 200: ProfileList }, ...COMMON, 'bad-request'),
      },
    },
    async request => {
      const { cursor, limit, status, network, q, sort } = request.query
      const asked = {
        filter: { statuses: status, network: network ?? null, text: q ?? null },
        slice: { ...orderOf(sort), after: placeOf(cursor, sort), limit },
      }
      const found = await context.readings.ask('profiles', asked)
      return {
        items: found.lines.map(profileEntry),
        next: writeCursor(found.next === null ? null : [sort, ...found.next]),
        total: found.total,
        not_before: found.notBefore,
      }
    },
  )

  app.get(
    '/v1/jobs/:id/posts',
    {
      schema: {
        operationId: 'listNewestPosts',
        summary: "The posts of a job's profile, newest first, whichever job wrote them",
        tags: ['profiles'],
        params: IdPath,
        querystring: ListQuery,
        response: answers({ 200: NewestPosts }, ...COMMON, 'bad-request', 'not-found'),
      },
    },
    async request => {
      const { id } = request.params
      const { cursor, limit } = request.query
      const [createdAt, post] = readTexts(cursor, 2) ?? []
      const after = createdAt === undefined || post === undefined ? null : ([createdAt, post] as const)
      const found = await browsePosts(context.reader, Number(id), { after, limit })
      if (found === null) throw noJob(id)
      return { items: found.rows.map(post => postView(post, REASON_TEXT)), next: writeCursor(found.next) }
    },
  )

  app.get(
    '/v1/jobs/:id/comments',
    {
      schema: {
        operationId: 'listPostComments',
        summary: "The comments of a post of the job's network, in the order of their ids",
        tags: ['profiles'],
        params: IdPath,
        querystring: CommentsQuery,
        response: answers({ 200: CommentList }, ...COMMON, 'bad-request', 'not-found'),
      },
    },
    async request => {
      const { id } = request.params
      const { cursor, limit, post_id } = request.query
      const [after = null] = readTexts(cursor, 1) ?? []
      const found = await browseComments(context.reader, Number(id), post_id, { after, limit })
      if (found === null) throw noJob(id)
      return { items: found.rows, next: writeCursor(found.next === null ? null : [found.next]) }
    },
  )
}

type Sort = (typeof PROFILE_SORTS)[number]
type Order = (typeof PROFILE_ORDERS)[number]

const orderOf = (sort: Sort) => ({
  order: sort.replace(/^-/, '') as Order,
  descending: sort.startsWith('-'),
})

/** Whether what it is ordered by is a text; else it is a number. */
const TEXTUAL: Readonly<Record<Order, boolean>> = {
  newest: false,
  name: true,
  status: false,
  done: true,
  followers: false,
}

/** A place belongs to one order: with another one it would show something and leave out something else. */
const placeOf = (cursor: string | undefined, sort: Sort): readonly [string | number, number] | null => {
  const [order, key, id] = readCursor(cursor, 3) ?? []
  if (order === undefined || key === undefined) return null
  const isText = TEXTUAL[orderOf(sort).order]
  if (order !== sort || typeof id !== 'number' || (typeof key === 'string') !== isText) throw wrongCursor()
  return [key, id]
}
