import { createHash } from 'node:crypto'
import { FaultError } from '../../core/fault.ts'
import type { JsonObject } from '../../core/json.ts'
import type { CallContext } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import { Reader } from '../reader.ts'
import type { Access } from './access.ts'
import type { Graph } from './graph.ts'

/** The account that a credential stands for: of a Facebook Login token the one that asks, of an Instagram Login one its own. */
export interface Own {
  /** Null = not known. */
  id(): string | null
  /** Whether a key of a list means it by its name or as `me`. */
  isNamed(key: string): boolean
  /** Told by an answer: the account that asks goes by this name. */
  learn(username: string): void
  /** Asks for its name; a fault says that the credential is of no use. */
  introduce(ctx: CallContext): Promise<void>
}

/** What a list calls the account behind the credential. */
export const ME = 'me'

const DAY = 86_400_000
/** A name may change. */
const LASTS_MS = 30 * DAY

/** What was told, and how often in a row it was asked for in vain. */
interface Told {
  readonly id: string | null
  readonly username: string | null
  readonly at: number
  readonly misses: number
}

export const openOwn = (
  { side, userId, token }: Access,
  graph: Graph,
  memory: Memory,
  now: () => number,
): Own => {
  const key = `own/${userId ?? createHash('sha256').update(token).digest('hex').slice(0, 12)}`
  const told = (): Told => readTold(memory.get(key) as JsonObject | undefined)
  const isDue = (): boolean => {
    const { at, username, misses } = told()
    // In vain: asked again after 1, 2, 4 … days.
    const rests = misses > 0 ? Math.min(LASTS_MS, DAY * 2 ** (misses - 1)) : username === null ? 0 : LASTS_MS
    return now() >= at + rests
  }

  /** On the Facebook side `media_count` is what no Page and no person has. */
  const ask = async (ctx: CallContext): Promise<Pick<Told, 'id' | 'username'>> => {
    const { part } = await graph.get(
      {
        path: side === 'facebook' ? encodeURIComponent(userId ?? ME) : ME,
        query: { fields: side === 'facebook' ? 'id,username,media_count' : 'user_id,username' },
        target: 'self',
        account: userId ?? 'own',
        paged: false,
        tries: 1,
      },
      ctx,
    )
    const body = new Reader().object(part.json, '$')
    return {
      id: body?.id('user_id') ?? body?.id('id') ?? null,
      username: body?.string('username')?.toLowerCase() ?? null,
    }
  }

  return {
    id: () => userId ?? told().id,
    isNamed: name => name === ME || name === told().username,
    learn(username) {
      if (told().username !== username) memory.set(key, { id: userId, username, at: now(), misses: 0 })
    },
    async introduce(ctx) {
      if (!isDue()) return
      const before = told()
      const { id, username } = await ask(ctx).catch(unlessUseless)
      memory.set(key, {
        id: id ?? before.id,
        username: username ?? before.username,
        at: now(),
        misses: username === null ? before.misses + 1 : 0,
      })
    },
  }
}

const readTold = (value: JsonObject | undefined): Told => {
  const { id, username, at, misses } = value ?? {}
  return {
    id: typeof id === 'string' ? id : null,
    username: typeof username === 'string' ? username : null,
    at: typeof at === 'number' ? at : Number.NEGATIVE_INFINITY,
    misses: typeof misses === 'number' ? misses : 0,
  }
}

/** Whatever else goes wrong is no reason not to read what is listed: the account then goes by its id alone. */
const unlessUseless = (error: unknown): Pick<Told, 'id' | 'username'> => {
  if (!(error instanceof FaultError)) throw error
  const { kind } = error.fault
  if (kind === 'misconfigured' || kind === 'unauthorised') throw error
  return { id: null, username: null }
}
