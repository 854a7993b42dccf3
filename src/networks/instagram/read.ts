import type { CallContext, RawPage, RawPart } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import { type Refusal, refuse } from './errors.ts'
import { optionalPaths, parseFields, printFields } from './fields.ts'
import type { Graph, GraphAnswer, GraphCall } from './graph.ts'
import { type Ladder, openSteps, type Portion } from './ladder.ts'
import { openRefused } from './refused.ts'

/** One page to read, and how to ask for less of it. */
export interface Reading extends Omit<GraphCall, 'query'> {
  /** What is learned of refused fields and of page sizes holds for all that read one route. */
  readonly route: string
  /** The profile, post or comment that is read. */
  readonly id: string
  readonly ladder: Ladder
  /** No more than so many items are wanted; null = all. */
  readonly room: number | null
  query(portion: Portion): Readonly<Record<string, string>>
  /** In the grammar of `fields.ts`. */
  fields(portion: Portion): string
}

/**
 * Reads one page, asking for less as often as the API wants: without a field that it refuses, smaller when it is
 * too heavy, without the nested part where a permission for that is missing (the refusal then stays in the page,
 * as the reason). What was learned is remembered, so that it is paid for once.
 */
export const openReader = (graph: Graph, memory: Memory) => {
  const steps = openSteps(memory)
  const refusals = openRefused(memory)

  return async (reading: Reading, ctx: CallContext): Promise<RawPage> => {
    const { ladder } = reading
    const aside: RawPart[] = []
    let step = Math.min(steps.first(key(reading), reading.id), ladder.length - 1)
    for (;;) {
      const portion = portionAt(reading, step)
      const fields = parseFields(reading.fields(portion))
      const ask = (leaveOut: ReadonlySet<string>): Promise<GraphAnswer> => {
        const query = { ...reading.query(portion), fields: printFields(fields, leaveOut) }
        return graph.get({ ...reading, query }, ctx)
      }
      const refused = refusals.of(reading.route)
      const { part, refusal } = await ask(refused)
      switch (refusal?.mend?.kind) {
        case undefined:
        case 'depth':
          return { parts: [...aside, part] }
        case 'weight':
          step = lighter(reading, step, refusal)
          steps.learn(key(reading), reading.id, ladder, step)
          break
        case 'permission':
          step = flat(reading, step, refusal)
          aside.push(part)
          break
        case 'field': {
          const culprits = await findCulprits(
            refusal,
            optionalPaths(fields).filter(p => !refused.has(p)),
            leaveOut => ask(new Set([...refused, ...leaveOut])),
          )
          refusals.add(reading.route, culprits)
        }
      }
    }
  }
}

export type ReadPage = ReturnType<typeof openReader>

const key = ({ route, ladder }: Reading): string => `${route}/${ladder[0]?.nest ?? 'none'}`

const portionAt = ({ ladder, room }: Reading, step: number): Portion => {
  const { nest, limit } = ladder[step] ?? { nest: 'none', limit: 1 }
  return { nest, limit: Math.max(1, Math.min(limit, room ?? limit)) }
}

/** The next step that really asks for less: where little is wanted anyway, the first ones do not. */
const lighter = (reading: Reading, step: number, refusal: Refusal): number => {
  const now = portionAt(reading, step)
  const next = reading.ladder.findIndex(
    ({ nest, limit }, at) => at > step && (nest !== now.nest || limit < now.limit),
  )
  if (next === -1) throw refuse(refusal)
  return next
}

/** The same without what is nested. Of a comment's replies it is no use: they need what the comment needs. */
const flat = ({ ladder, target }: Reading, step: number, refusal: Refusal): number => {
  const next = ladder.findIndex(({ nest }, at) => at > step && nest === 'none')
  if (next === -1 || target === 'object') throw refuse(refusal)
  return next
}

/**
 * The optional fields that the API refused. Most refusals name one; some only say that there is one (docs/networks/instagram.md §10: "read
 * documentation for supported fields"), and then halving the list finds it in log2(n) + 1 calls. Where the answer
 * is refused without any of them, the fault is elsewhere, and nothing is learned.
 */
const findCulprits = async (
  refusal: Refusal,
  optional: readonly string[],
  without: (leaveOut: readonly string[]) => Promise<GraphAnswer>,
): Promise<readonly string[]> => {
  const name = refusal.mend?.kind === 'field' ? refusal.mend.name : null
  if (name !== null) {
    const named = optional.filter(path => path === name || path.endsWith(`.${name}`))
    if (named.length === 0) throw refuse(refusal)
    return named
  }
  const isTaken = async (first: number): Promise<boolean> =>
    (await without(optional.slice(first))).refusal?.mend?.kind !== 'field'
  if (!(await isTaken(0))) throw refuse(refusal)
  let taken = 0
  let refused = optional.length
  while (refused - taken > 1) {
    const middle = Math.floor((taken + refused) / 2)
    if (await isTaken(middle)) taken = middle
    else refused = middle
  }
  return optional.slice(taken, refused)
}
