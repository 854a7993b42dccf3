import { FaultError } from '../../core/fault.ts'
import type { JsonObject } from '../../core/json.ts'
import type { CallContext, Pool } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'

/** So many hashtags may an account name in any seven days (docs/networks/instagram.md §22). */
const MOST = 30
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** Of the newest hits of a hashtag so many are remembered, five pages. */
const KEPT = 250

export const hashtagPool = (account: string): Pool => ({
  name: `hashtags:${account}`,
  allowance: MOST,
  window: { kind: 'rolling', ms: WEEK_MS },
  isOfSome: true,
})

/** What is known of hashtags: their ids, which do not change, which of them the account has named lately, and what was read of them. */
export interface Hashtags {
  readonly pool: string
  /** Null = not known. */
  idOf(name: string): string | null
  learn(name: string, id: string): void
  /** Whether it is one of those that count already. */
  isNamed(name: string): boolean
  /** Has a hashtag count, before it is asked for; throws where that would be one too many. */
  name(name: string, ctx: CallContext): Promise<void>
  /** What is thrown for a refusal: one that speaks of the limit of hashtags is that limit, whatever its code. */
  limitIn(name: string, error: unknown, now: number): unknown
  /** Notes what a page of recent hits held, for the walk that began then. */
  saw(name: string, walk: string, ids: readonly string[]): void
  /** Whether the last page of that walk held nothing that a walk before it did not. */
  isCaughtUp(name: string, walk: string): boolean
  /** Pages of recent hits that the last walk read. */
  pagesOf(name: string): number
}

/** Hits that were read by the walk that began at `walk`, and by the one before it. */
interface Read {
  readonly walk: string
  readonly pages: number
  readonly ids: readonly string[]
  readonly before: readonly string[]
  readonly caughtUp: boolean
}

const UNREAD: Read = { walk: '', pages: 1, ids: [], before: [], caughtUp: false }

export const openHashtags = (account: string, memory: Memory, now: () => number): Hashtags => {
  const pool = hashtagPool(account).name
  const namedKey = `hashtags-named/${account}`
  const named = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(Object(memory.get(namedKey)) as JsonObject).flatMap(([name, at]) =>
        typeof at === 'number' && now() - at < WEEK_MS ? [[name, at]] : [],
      ),
    )
  const forget = (name: string): void => {
    const { [name]: _, ...others } = named()
    memory.set(namedKey, others)
  }
  const readKey = (name: string): string => `hashtag-read/${account}/${name}`
  const readOf = (name: string): Read => ({
    ...UNREAD,
    ...(Object(memory.get(readKey(name))) as Partial<Read>),
  })
  const isNamed = (name: string): boolean => Object.hasOwn(named(), name)
  return {
    pool,
    isNamed,
    idOf(name) {
      const id = memory.get(`hashtag/${name}`)
      return typeof id === 'string' ? id : null
    },
    learn: (name, id) => memory.set(`hashtag/${name}`, id),
    async name(name, ctx) {
      if (isNamed(name)) return
      const counting = named()
      const times = Object.values(counting)
      // The ledger's week has a fixed beginning; the network's is any seven days.
      if (times.length >= MOST) throw usedUp(pool, Math.min(...times) + WEEK_MS)
      memory.set(namedKey, { ...counting, [name]: now() })
      try {
        // It is charged by itself: the calls that name it are the app's, and may be tried again.
        await ctx.call({ pool, units: 1 }, async () => {})
      } catch (error) {
        forget(name)
        throw error
      }
    },
    limitIn(name, error, at) {
      if (!(error instanceof FaultError) || !LIMIT.test(error.message)) return error
      forget(name)
      return usedUp(pool, at + DAY_MS, error)
    },
    saw(name, walk, ids) {
      const last = readOf(name)
      const { before, pages, ids: read } = last.walk === walk ? last : { before: last.ids, pages: 0, ids: [] }
      const caughtUp = ids.every(id => before.includes(id))
      const kept = [...read, ...ids].slice(0, KEPT)
      memory.set(readKey(name), { walk, pages: pages + 1, ids: kept, before, caughtUp })
    },
    isCaughtUp(name, walk) {
      const read = readOf(name)
      return read.walk === walk && read.caughtUp
    },
    pagesOf: name => readOf(name).pages,
  }
}

/** Which code it has is in no source of the sheet. */
const LIMIT = /\bhashtags?\b.*\b(limit|maximum|exceed)|\b(limit|maximum|exceed).*\bhashtags?\b/is

const usedUp = (pool: string, until: number, cause?: FaultError): FaultError =>
  new FaultError(
    { kind: 'quota-exhausted', code: 'hashtags', pool, until },
    `the account that asks has named ${MOST} hashtags within seven days`,
    { cause },
  )
