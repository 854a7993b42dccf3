import type { z } from 'zod'
import { readBound, readDuration } from '../app/config/bounds.ts'
import type { RunOrder } from '../app/run/run-queue.ts'
import { checkLists } from '../app/run/run-request.ts'
import type { Queries } from '../core/params.ts'
import { Refused } from './problems.ts'
import type { NewRun } from './request-schemas.ts'
import type { ServerContext } from './server-context.ts'

type Body = z.output<typeof NewRun>

type RequestContext = Pick<ServerContext, 'settings' | 'networks' | 'defaultTransforms'> & {
  readonly toolbox: Pick<ServerContext['toolbox'], 'searches'>
}

/** What a request for a run asks for; what it leaves out is as `serve` was started, with these transforms. Throws BadInput as the flags do. */
export const parseRunRequest = (
  body: Body,
  { settings, networks, defaultTransforms: transforms, toolbox }: RequestContext,
): RunOrder => {
  const scopes = body.scope ?? settings.scope
  if (body.lists !== undefined)
    checkLists(body.lists, { scopes, network: body.network ?? null }, networks, 'lists')
  return {
    kind: 'run',
    ids: body.ids,
    network: body.network ?? null,
    as: body.as,
    scopes,
    params: {
      ...startOf(body),
      ...endOf(body),
      limitPosts: body.limit_posts ?? settings.limitPosts,
      limitComments: body.limit_comments ?? settings.limitComments,
      replies: body.replies ?? settings.replies,
      lists: body.lists ?? settings.lists,
      lookbackMs: lengthOf(body, 'lookback') ?? settings.lookback,
      // It came as JSON, and holds nothing else.
      queries: { ...toolbox.searches, ...(body.searches as Queries | undefined) },
    },
    fullEveryMs: lengthOf(body, 'full_every') ?? settings.fullEvery,
    refreshAfterMs: lengthOf(body, 'refresh_after') ?? settings.refreshAfter,
    sinceLast: body.since === LAST,
    fresh: body.fresh ?? false,
    wait: body.wait ?? false,
    work: {
      concurrency: body.concurrency,
      budget: body.budget,
      maxWaitMs: lengthOf(body, 'max_wait'),
      transforms: body.transforms ?? transforms,
    },
  }
}

const lengthOf = (
  body: Body,
  name: 'lookback' | 'full_every' | 'refresh_after' | 'max_wait',
): number | undefined => {
  const text = body[name]
  return text === undefined ? undefined : readDuration(text, name)
}

/** In place of a day: where each profile is covered from. */
const LAST = 'last'

const startOf = (body: Body): { since: string | null; sinceId: string | null } => {
  const [name, text] = onlyOne(body, ['since', 'since_id', 'last_synced_at'])
  if (text === null) return { since: null, sinceId: null }
  if (name === 'since_id') return { since: null, sinceId: text }
  if (name === 'since' && text === LAST) return { since: null, sinceId: null }
  const bound = readBound(text, name)
  if ('instant' in bound) return { since: bound.instant, sinceId: null }
  if (name === 'since') return { since: null, sinceId: bound.id }
  throw new Refused('bad-input', { detail: `${name} must be a day or a moment in UTC` })
}

const endOf = (body: Body): { until: string | null; untilId: string | null } => {
  const [name, text] = onlyOne(body, ['until', 'until_id'])
  if (text === null) return { until: null, untilId: null }
  if (name === 'until_id') return { until: null, untilId: text }
  const bound = readBound(text, name)
  return 'instant' in bound ? { until: bound.instant, untilId: null } : { until: null, untilId: bound.id }
}

/** The one that is given of several ways to say the same, and its name. */
const onlyOne = <N extends 'since' | 'since_id' | 'last_synced_at' | 'until' | 'until_id'>(
  body: Body,
  names: readonly [N, ...N[]],
): readonly [name: N, text: string | null] => {
  const given = names.filter(name => body[name] !== undefined)
  if (given.length > 1)
    throw new Refused('bad-input', { detail: `${given.join(' and ')} say the same: give one` })
  const [name = names[0]] = given
  return [name, body[name] ?? null]
}
