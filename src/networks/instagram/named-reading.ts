import { FaultError } from '../../core/fault.ts'
import type { Params } from '../../core/params.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import { isLost, isOfChild, refuse } from './errors.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import { from, LADDERS, type Nest } from './ladder.ts'
import { namedMedia, nestedComments } from './nodes.ts'
import type { PageReader, Reading } from './read.ts'
import { nestOf } from './streams/comments.ts'
import type { Turns } from './turns.ts'

/** Posts to be asked for. */
export interface NamedPosts {
  readonly ids: readonly string[]
  /** Those of which it is known that their lists do not tell their likes. */
  readonly hidden: ReadonlySet<string>
  /** The own account that pays: nothing tells beforehand whose they are. */
  readonly account: string
  readonly params: Params
}

/** The most that a batch takes (docs/networks/instagram.md §3). */
export const MOST = 50

/**
 * Own posts by their ids, with their comments (docs/networks/instagram.md §21). On the Facebook side they go over the wire together,
 * each with an answer of its own; on the other one by one, since batches are not documented there. Of each post the last part is
 * its answer, be it a refusal; a post without any was not answered, and is to be asked for again. A fault ends it where nothing
 * came before.
 */
export const openNamedReading = (graph: Graph, { read, first }: PageReader, turns: Turns) => {
  /** Whether comments have come with a post: then all may be asked for together. */
  let isGranted = false

  const readingOf = (id: string, nest: Nest, { hidden, account, params }: NamedPosts): Reading => ({
    route: `${graph.side}/named`,
    of: 'posts by their ids',
    id,
    single: false,
    path: encodeURIComponent(id),
    target: 'object',
    account,
    paged: false,
    holds: 'node',
    ladder: from(LADDERS.named, nest),
    room: params.limitComments,
    query: () => ({}),
    fields: portion => namedMedia(graph.side, hidden.has(id)) + nestedComments(portion.nest, portion.limit),
  })

  /** The answer to one, and before it what its comments were refused with, if they were. */
  const readOne = async (
    reading: Reading,
    ctx: CallContext,
    given?: GraphAnswer,
  ): Promise<readonly RawPart[]> => {
    let said = given?.part ?? null
    const noting: Reading = {
      ...reading,
      refused: ({ part }) => {
        said = part
      },
    }
    try {
      return (await read(noting, ctx, given)).parts
    } catch (error) {
      if (!(error instanceof FaultError) || said === null) throw error
      if (!STANDS.has(error.fault.kind) && !isOfChild(said.text)) throw error
      return [said]
    }
  }

  /** Adds to `parts` what is answered, as soon as it is. */
  const readTogether = async (
    readings: readonly Reading[],
    ctx: CallContext,
    parts: RawPart[],
  ): Promise<void> => {
    let lost = new Map<Reading, RawPart>()
    const toMend: (readonly [Reading, GraphAnswer])[] = []
    let failed: FaultError | null = null
    const take = async (asked: readonly Reading[], answers: Answers): Promise<void> => {
      for (const [index, reading] of asked.entries()) {
        const answer = answers[index] ?? null
        if (answer === null || !isWhole(answer)) continue
        const { part, refusal } = answer
        // It is only learned from: no call is made.
        if (refusal === null) parts.push(...(await read(reading, ctx, answer)).parts)
        else if (isLost(refusal)) lost.set(reading, part)
        else if (refusal.mend !== null) toMend.push([reading, answer])
        else if (STANDS.has(refusal.fault.kind)) parts.push(part)
        else failed = refuse(refusal)
      }
    }

    await take(readings, await graph.getMany(readings.map(first), ctx))
    for (const [reading, part] of lost) {
      if (!turns.wasRefused(reading.id)) continue
      parts.push(part)
      lost.delete(reading)
    }
    while (lost.size > 0) {
      const before = lost
      const asked = [...before.keys()]
      lost = new Map()
      await take(asked, await askAgain(graph, asked.map(first), ctx))
      if (lost.size < before.size) continue
      parts.push(...lost.values())
      break
    }
    const anew: Reading[] = []
    for (const [reading, answer] of toMend) {
      // What one was refused may be believed to be refused to all since.
      const isStale = fieldsOf(first(reading)) !== fieldsOf(answer.part.request)
      if (isStale) anew.push(reading)
      else parts.push(...(await readOne(reading, ctx, answer)))
    }
    if (anew.length > 0) await readTogether(anew, ctx, parts)
    if (parts.length === 0) throw failed ?? unanswered()
  }

  return async (posts: NamedPosts, ctx: CallContext): Promise<readonly RawPart[]> => {
    const { ids } = posts
    const parts: RawPart[] = []
    let nest = nestOf(posts.params)
    try {
      for (let at = 0; at < ids.length; ) {
        const isFirst = at === 0 && nest !== 'none' && !isGranted
        const isAlone = graph.side === 'instagram' || ids.length === 1 || isFirst
        const readings = ids.slice(at, isAlone ? at + 1 : at + MOST).map(id => readingOf(id, nest, posts))
        at += readings.length
        const [only] = readings
        if (!isAlone || only === undefined) {
          await readTogether(readings, ctx, parts)
          continue
        }
        // What one is refused for want of a permission the others would be, too.
        const came = await readOne(only, ctx)
        parts.push(...came)
        if (came.length > 1) nest = 'none'
        else if (nest !== 'none' && came[0]?.status === 200) isGranted = true
      }
    } catch (error) {
      if (parts.length === 0 || !(error instanceof FaultError) || ctx.signal.aborted) throw error
    }
    return parts
  }
}

type Answers = readonly (GraphAnswer | null)[]

/** What is said of one thing, and stays so. */
const STANDS: ReadonlySet<string> = new Set(['not-found', 'forbidden', 'unsupported'])

/** Throttling looks as if things were gone (docs/networks/instagram.md §10): where all are, they are asked for once more after a pause. */
const askAgain = async (
  graph: Graph,
  calls: readonly ReturnType<PageReader['first']>[],
  ctx: CallContext,
): Promise<Answers> => {
  let told: Answers = []
  const check = (answers: Answers): void => {
    told = answers
    const refusals = answers.map(answer => answer?.refusal ?? null)
    const [refusal] = refusals
    if (refusal == null || !refusals.every(one => one !== null && isLost(one))) return
    const { code } = refusal.fault
    const then = { kind: 'not-found', code, reason: 'deleted' } as const
    throw new FaultError({ kind: 'transient', code, tries: 2, then }, refusal.message)
  }
  try {
    return await graph.getMany(calls, ctx, check)
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === 'not-found') return told
    throw error
  }
}

const isWhole = ({ part: { json }, refusal }: GraphAnswer): boolean =>
  refusal !== null || Object(json).id !== undefined

const fieldsOf = ({ query }: { readonly query?: unknown }): unknown => Object(query).fields

const unanswered = (): FaultError =>
  new FaultError(
    { kind: 'transient', code: 'no-data' },
    'Instagram answered a batch, and none of what was asked in it',
  )
