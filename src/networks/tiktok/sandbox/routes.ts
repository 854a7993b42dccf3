import type { PoolName } from './access/quota.ts'
import type { Endpoint } from './call.ts'
import { answerOwnInfo, answerOwnQuery, answerOwnVideos } from './display.ts'
import { answerComments } from './research/comments.ts'
import { createTask, downloadTask, taskStatus } from './research/compliance.ts'
import { answerPlaylist } from './research/playlist.ts'
import { answerUserInfo } from './research/user.ts'
import { answerAcquaintances, answerLiked, answerPinned, answerReposted } from './research/user-lists.ts'
import { answerVideoQuery } from './research/video-query.ts'

/** An endpoint behind a token. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** Whose token it takes: a client's (Research) or a user's (Display). */
  readonly takes: 'client' | 'access'
  /** The allowance that a call is charged to; null = Display, limited by the minute instead. */
  readonly pool: PoolName | null
  readonly endpoint: Endpoint
  /** `error.message` of a good answer: empty or `ok`, depending on the endpoint. */
  readonly ok: '' | 'ok'
  /** Batch compliance adds `error.http_status_code`. */
  readonly compliance: boolean
}

const research = (endpoint: Endpoint, differs: Partial<Route> = {}): Route => ({
  method: 'POST',
  takes: 'client',
  pool: 'main',
  endpoint,
  ok: '',
  compliance: false,
  ...differs,
})

const display = (method: 'GET' | 'POST', endpoint: Endpoint): Route =>
  research(endpoint, { method, takes: 'access', pool: null })

/** By path without the slash at its end. */
export const ROUTES: ReadonlyMap<string, Route> = new Map(
  Object.entries({
    '/v2/research/user/info': research(answerUserInfo),
    '/v2/research/video/query': research(answerVideoQuery),
    '/v2/research/video/comment/list': research(answerComments),
    '/v2/research/user/liked_videos': research(answerLiked, { ok: 'ok' }),
    '/v2/research/user/pinned_videos': research(answerPinned, { ok: 'ok' }),
    '/v2/research/user/reposted_videos': research(answerReposted, { ok: 'ok' }),
    '/v2/research/user/followers': research(answerAcquaintances('followers'), { pool: 'follow' }),
    '/v2/research/user/following': research(answerAcquaintances('following'), { pool: 'follow' }),
    '/v2/research/playlist/info': research(answerPlaylist),
    '/v2/research/validation_task/create': research(createTask, { compliance: true }),
    '/v2/research/validation_task_status/get': research(taskStatus, { compliance: true }),
    '/v2/research/validation_task/download': research(downloadTask, { compliance: true }),
    '/v2/user/info': display('GET', answerOwnInfo),
    '/v2/video/list': display('POST', answerOwnVideos),
    '/v2/video/query': display('POST', answerOwnQuery),
  }),
)
