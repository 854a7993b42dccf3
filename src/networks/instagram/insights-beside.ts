import { FaultError } from '../../core/fault.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import { openBatch } from './batch.ts'
import { markedIn, namedIn } from './culprits.ts'
import { BEFORE_CONVERSION, isHeavy, type Refusal, refuse } from './errors.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import { isFresh, type Medium, type Sort } from './insight-sorts.ts'
import {
  apartOf,
  type Listing,
  nestedCall,
  newestFirst,
  type Stretch,
  stretchesOf,
  toldIn,
} from './insights-calls.ts'
import type { InsightsKnown } from './insights-known.ts'

/** The insights of a page of own posts or stories. */
export interface BesideReading {
  readonly listing: Listing
  /** The own account that pays. */
  readonly account: string
  /** All of the page that have insights. */
  readonly media: readonly Medium[]
  /** Those of them that are worth a call each where several cannot be asked for in one. */
  readonly due: ReadonlySet<string>
}

/** So many posts go into one call. */
export const BESIDE = 25

/** After so many refusals, and nothing taken, it is about no media alone but about this way of asking. */
const HOPELESS = 4

/** Why a call for several was refused, as far as that says how to ask for fewer. */
type Said =
  | { readonly kind: 'metric'; readonly names: readonly string[] }
  | { readonly kind: 'before' | 'nested' | 'form' | 'other' }
  | { readonly kind: 'permission'; readonly error: FaultError }

/** Nothing more is asked for beside this page: what is open is left to tasks of its own. */
class Over extends Error {
  override readonly name = 'Over'
}

/**
 * Reads insights beside the page that lists their posts (docs/networks/instagram.md §7): all in one call, each with the
 * metrics of its sort. One media that cannot answer fails that call: it is found by halves, and read by itself from then on.
 * Where the API does not nest them, posts that are due are asked for in a batch. What is still open then, for whatever
 * reason, has no part in the answer: it is a task of its own. Throws no fault, so that the page is kept.
 */
export const openBeside = (graph: Graph, known: InsightsKnown, now: () => number) => {
  const readBatch = openBatch(graph, known)

  return async (
    { listing, account, media, due }: BesideReading,
    ctx: CallContext,
  ): Promise<readonly RawPart[]> => {
    const parts: RawPart[] = []
    const told = new Set<string>()
    const without = new Set<string>()
    let isNested = true
    let taken = 0
    let refused = 0
    const metrics = (sort: Sort): readonly string[] =>
      known.metrics(account, sort).filter(name => !without.has(name))
    const isOpen = (medium: Medium): boolean =>
      !told.has(medium.id) &&
      !known.isBefore(account, medium) &&
      !known.isSpoiler(medium.id) &&
      metrics(medium.sort).length > 0

    const stretches = (set: readonly Medium[]): readonly Stretch[] =>
      listing.edge === 'media' && listing.apart ? apartOf(set) : stretchesOf(media, new Set(set))

    const take = (part: RawPart, set: readonly Medium[]): void => {
      known.permitted(account)
      const mediumOf = new Map(set.map(medium => [medium.id, medium]))
      const found = toldIn(part).filter(({ id }) => mediumOf.has(id))
      const at = new Date(now()).toISOString()
      for (const { id, rows } of found) {
        const medium = mediumOf.get(id)
        if (medium === undefined || (rows.length === 0 && !isFresh(medium, at))) continue
        told.add(id)
        for (const row of rows) known.metricGiven(account, medium.sort, row.string('name') ?? '')
      }
      parts.push(part)
      if (found.some(({ rows }) => rows.length > 0)) known.formTaken(account, 'nested')
      else if (set.some(({ id }) => !told.has(id))) refuseForm('nested', set)
    }
    const refuseForm = (form: 'several' | 'nested', set: readonly Medium[]): void => {
      if (form === 'nested') isNested = false
      known.formRefused(account, form, subjectOf(set))
    }

    /** Null = answered. */
    const send = async (set: readonly Medium[], tries: number): Promise<Said | null> => {
      const lists = stretches(set)
      const query = nestedCall(listing, lists, metrics)
      let answer: GraphAnswer
      try {
        answer = await graph.get({ ...query, target: 'list', account, paged: false, tries }, ctx)
      } catch (error) {
        return saidBy(error)
      }
      if (answer.refusal !== null)
        return readRefusal(
          answer.refusal,
          set.flatMap(({ sort }) => metrics(sort)),
        )
      if (lists.length > 1) known.formTaken(account, 'several')
      take(answer.part, set)
      return null
    }

    /** Whether it was answered as a whole. */
    const ask = async (set: readonly Medium[], tries = 1): Promise<boolean> => {
      if (set.length === 0) return true
      const said = await send(set, tries)
      if (said === null) taken++
      else {
        refused++
        await narrow(set, said)
      }
      return said === null
    }

    /** What to ask for of a set that was refused. */
    const narrow = async (set: readonly Medium[], said: Said): Promise<void> => {
      const [only, ...more] = set
      if (only === undefined) return
      if (said.kind === 'permission') known.permissionRefused(account, only.id, said.error)
      if (known.closedBy(account) !== null) return
      if (said.kind === 'nested') return refuseForm('nested', set)
      if (said.kind === 'form') {
        const isSeveral = stretches(set).length > 1
        return isSeveral ? bySort(set) : refuseForm('nested', set)
      }
      if (more.length === 0)
        return said.kind === 'before' ? known.learnBefore(account, only) : known.learnSpoiler(only.id)
      // A story is not listed by its date: there are no halves.
      if (listing.edge === 'stories') return
      const [newer, older] = halvesOf(set)
      // Where the newer ones were answered, it is known of the older ones.
      if (said.kind === 'before') {
        if (await ask(newer)) await narrow(older, said)
        else await ask(older.filter(isOpen))
        return
      }
      if (said.kind === 'permission' && !known.isPermitted(account)) return ofAll([older, newer])
      if (said.kind === 'metric') {
        const sorts = new Set(set.map(({ sort }) => sort))
        if (sorts.size > 1) {
          for (const one of sorts) await ask(set.filter(({ sort }) => sort === one))
          return
        }
        if (await isForAll(set, said.names)) {
          await ask(set)
          return
        }
      } else if (taken === 0 && refused >= HOPELESS) return refuseForm('nested', set)
      const isOfOlder = await ask(newer)
      if (!isNested || known.closedBy(account) !== null) return
      if (isOfOlder) await narrow(older, said)
      else await ask(older.filter(isOpen))
    }

    /** A permission that was never seen to be there: where both halves are refused, too, nothing more is asked. */
    const ofAll = async (halves: readonly (readonly Medium[])[]): Promise<void> => {
      const refusals: (Said | null)[] = []
      for (const half of halves) {
        const said = await send(half, 1)
        if (said?.kind === 'permission') known.permissionRefused(account, half[0]?.id ?? '', said.error)
        refusals.push(said)
        if (known.closedBy(account) !== null) return
      }
      if (refusals.every(said => said !== null)) return
      for (const [index, said] of refusals.entries())
        if (said !== null) await narrow(halves[index] ?? [], said)
    }

    /** Whether a metric is refused to the first and to the last of a set, too: then the set does without it. */
    const isForAll = async (set: readonly Medium[], names: readonly string[]): Promise<boolean> => {
      for (const medium of [set[0], set.at(-1)]) {
        if (medium === undefined) return false
        const query = { metric: metrics(medium.sort).join(',') }
        const path = `${encodeURIComponent(medium.id)}/insights`
        const answer = await graph.get({ path, query, target: 'object', account, paged: false }, ctx)
        const said = answer.refusal === null ? null : readRefusal(answer.refusal, names)
        if (said === null) take(answer.part, [medium])
        if (said?.kind !== 'metric') return false
        for (const name of said.names) known.metricRefused(account, medium.sort, name, medium.id)
      }
      for (const name of names) without.add(name)
      return true
    }

    /** Several lists in one call are not taken: each by itself, but for what is alone anyway. */
    const bySort = async (set: readonly Medium[]): Promise<void> => {
      known.formRefused(account, 'several', subjectOf(set))
      for (const stretch of stretches(set)) if (isNested && stretch.media.length > 1) await ask(stretch.media)
    }

    const readAll = async (): Promise<void> => {
      for (const set of chunksOf(newestFirst(media), BESIDE)) {
        const open = set.some(({ id }) => due.has(id)) ? set.filter(isOpen) : []
        if (known.closedBy(account) !== null || open.length < 2 || !isNested) continue
        if (known.isOffered(account, 'several') || stretches(open).length === 1) await ask(open, 2)
        else await bySort(open)
      }
    }

    if (!media.some(({ id }) => due.has(id))) return []
    try {
      if (known.isOffered(account, 'nested')) await readAll()
      else isNested = false
      const open = media.filter(medium => due.has(medium.id) && isOpen(medium))
      if (open.length > 1 && known.closedBy(account) === null)
        parts.push(...(await readBatch(open, account, ctx)))
    } catch (error) {
      if (!(error instanceof Over) && !(error instanceof FaultError)) throw error
    }
    return parts
  }
}

export type ReadBeside = ReturnType<typeof openBeside>

const saidBy = (error: unknown): Said => {
  if (!(error instanceof FaultError)) throw error
  const { kind, code } = error.fault
  if (isHeavy(error)) return { kind: 'other' }
  if (code === BEFORE_CONVERSION) return { kind: 'before' }
  if (/^2500/.test(code)) return { kind: 'form' }
  if (kind === 'unsupported' || kind === 'rejected' || kind === 'forbidden' || kind === 'not-found')
    return { kind: 'other' }
  throw new Over()
}

const readRefusal = (refusal: Refusal, asked: readonly string[]): Said => {
  const { mend } = refusal
  if (mend?.kind === 'permission') return { kind: 'permission', error: refuse(refusal) }
  if (mend?.kind !== 'field') return { kind: 'other' }
  const names = namedIn(mend.text, [...new Set(asked)])
  if (names.length > 0) return { kind: 'metric', names }
  if (markedIn(mend.text, ['insights']).length > 0) return { kind: 'nested' }
  return { kind: markedIn(mend.text, ['media']).length > 0 ? 'form' : 'other' }
}

/** What counts as one sample of many (docs/design.md §5.15). */
const subjectOf = (set: readonly Medium[]): string => `${set[0]?.id}-${set.at(-1)?.id}`

const halvesOf = (set: readonly Medium[]): readonly [readonly Medium[], readonly Medium[]] => {
  const middle = Math.ceil(set.length / 2)
  return [set.slice(0, middle), set.slice(middle)]
}

const chunksOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
