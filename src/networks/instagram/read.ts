import type { FaultError } from '../../core/fault.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { CallContext, RawPage, RawPart } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import type { Evidence } from '../evidence.ts'
import { halve, markedIn, namedIn } from './culprits.ts'
import { isHeavy, type Mend, type Refusal, refuse } from './errors.ts'
import { type Field, optionalPaths, parseFields, printFields } from './fields.ts'
import type { Graph, GraphAnswer, GraphCall } from './graph.ts'
import { type Ladder, lighterThan, openSteps, type Portion, type Sized } from './ladder.ts'
import { type Asking, openSpared } from './spared.ts'

/** One page to read, and how to ask for less of it. */
export interface Reading extends Omit<GraphCall, 'query' | 'tries'> {
  /** What is learned of refused fields and of page sizes holds for all that read one route. */
  readonly route: string
  /** What the route gives, in words for people: `other accounts`, `own posts`. */
  readonly of: string
  /** The profile, post or comment that is read. */
  readonly id: string
  /** True where an account has one of it: what is refused on three days is then believed. */
  readonly single: boolean
  readonly ladder: Ladder
  /** No more than so many items are wanted; null = all. */
  readonly room: number | null
  query(portion: Portion): Readonly<Record<string, string>>
  /** In the grammar of `fields.ts`. */
  fields(portion: Portion): string
}

/** So many unnamed culprits are looked for in one page; then it does without all that may be left out. */
const MOST_HALVINGS = 3

/**
 * Reads one page, asking for less as often as the API wants: without a field that it refuses, smaller when it is
 * too heavy, without the nested part where a permission for that is missing (the refusal then stays in the page,
 * as the reason). What was learned is remembered, so that it is paid for once.
 */
export const openReader = (graph: Graph, memory: Memory, evidence: Evidence, now: () => number) => {
  const steps = openSteps(memory, evidence, now)
  const spared = openSpared(evidence)

  /** What {@link read} would ask first. */
  const first = (reading: Reading): GraphCall => {
    const sized = sizedOf(reading, graph, now())
    const asking = askingOf(reading, sized)
    const portion = sized.portion(steps.first(sized))
    const fields = parseFields(reading.fields(portion))
    const left = new Set(optionalPaths(fields).filter(path => spared.has(asking, path)))
    return { ...reading, query: { ...reading.query(portion), fields: printFields(fields, left) } }
  }

  /** `given` = what was answered to the first call, which is not made then. */
  const read = async (reading: Reading, ctx: CallContext, given?: GraphAnswer): Promise<RawPage> => {
    const sized = sizedOf(reading, graph, now())
    const asking = askingOf(reading, sized)
    const aside: RawPart[] = []
    const heavy: number[] = []
    const culprits = new Set<string>()
    let halvings = 0
    let failed: FaultError | null = null
    let step = steps.first(sized)
    let told = given
    for (;;) {
      const portion = sized.portion(step)
      const fields = parseFields(reading.fields(portion))
      const optional = optionalPaths(fields).filter(path => !spared.has(asking, path))
      const left = new Set(optionalPaths(fields).filter(path => spared.has(asking, path)))
      const ask = (less: readonly string[]): Promise<GraphAnswer> => {
        const query = { ...reading.query(portion), fields: printFields(fields, new Set([...left, ...less])) }
        const limits = failed === null ? { spare: steps.probe(sized, step) === null ? 0 : 1 } : { tries: 1 }
        return graph.get({ ...reading, query, ...limits }, ctx)
      }
      let answer: GraphAnswer
      try {
        answer = told ?? (await ask([]))
        told = undefined
      } catch (error) {
        if (!isHeavy(error)) throw error
        if (failed !== null) steps.probed(sized, step)
        const probe = failed === null ? steps.probe(sized, step) : null
        if (probe === null) throw failed ?? error
        failed = error
        heavy.push(step)
        step = probe
        continue
      }
      const { part, refusal } = answer
      switch (refusal?.mend?.kind) {
        case undefined:
          spared.learn(asking, culprits, presentIn(part.json, optional))
          steps.learn(sized, heavy, step)
          return { parts: [...aside, part] }
        case 'depth':
          return { parts: [...aside, part] }
        case 'weight':
          heavy.push(step)
          step = lighter(sized, step, refusal)
          break
        case 'permission':
          step = flat(reading, step, refusal)
          aside.push(part)
          break
        case 'field': {
          const found = namedFields(refusal, fields, optional)
          if (found.length === 0 && refusal.fault.kind === 'cursor-expired') throw refuse(refusal)
          const all = halvings === MOST_HALVINGS ? optional : found
          const more = all.length > 0 ? all : await findCulprits(refusal, optional, ask)
          if (found.length === 0) halvings++
          if (all !== optional) for (const path of more) culprits.add(path)
          spared.leaveOut(asking, more)
        }
      }
    }
  }
  return { read, first }
}

export type PageReader = ReturnType<typeof openReader>
export type ReadPage = PageReader['read']

const sizedOf = (reading: Reading, graph: Graph, now: number): Sized => {
  const { route, of, id, single, ladder, room, account } = reading
  return {
    key: `${route}/${ladder[0]?.nest ?? 'none'}`,
    account: account ?? graph.userId ?? 'own',
    id,
    subject: single ? new Date(now).toISOString().slice(0, 10) : id,
    ladder,
    portion(step) {
      const { nest, limit } = ladder[step] ?? { nest: 'none', limit: 1 }
      return { nest, limit: Math.max(1, Math.min(limit, room ?? limit)) }
    },
    fact: ({ nest, limit }) => `pages of ${limit}${NESTED[nest]} of ${of}`,
  }
}

const NESTED: Readonly<Record<Portion['nest'], string>> = {
  none: '',
  comments: ' with comments',
  replies: ' with replies',
}

const askingOf = ({ of }: Reading, { account, id, subject }: Sized): Asking => ({
  account,
  id,
  subject,
  fact: path => `the field ${path.replace(/^business_discovery\./, '')} of ${of}`,
})

const lighter = (sized: Sized, step: number, refusal: Refusal): number => {
  const next = lighterThan(sized, step)
  if (next === null) throw refuse(refusal)
  return next
}

/** The same without what is nested. Of a list of comments it is no use: replies need what comments need. */
const flat = ({ ladder, target, holds }: Reading, step: number, refusal: Refusal): number => {
  const isOfComments = target === 'object' && holds === 'list'
  const nests = ladder[step]?.nest !== 'none' && !isOfComments
  const next = nests ? ladder.findIndex(({ nest }, at) => at > step && nest === 'none') : -1
  if (next === -1) throw refuse(refusal)
  return next
}

/** Those that the refusal names. One that the page cannot do without is no use to look for. */
const namedFields = (
  refusal: Refusal,
  fields: readonly Field[],
  optional: readonly string[],
): readonly string[] => {
  const text = textOf(refusal.mend)
  const found = namedIn(text, [...new Set(optional.map(lastOf))])
  if (found.length === 0 && markedIn(text, [...namesOf(fields)]).length > 0) throw refuse(refusal)
  return optional.filter(path => found.includes(lastOf(path)))
}

const textOf = (mend: Mend | null): string => (mend?.kind === 'field' ? mend.text : '')
const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

function* namesOf(fields: readonly Field[]): Generator<string> {
  for (const field of fields) {
    yield field.name
    yield* namesOf(field.fields)
  }
}

/** By halving. Where the page is refused without all that may be left out, the fault is elsewhere, and nothing is learned. */
const findCulprits = async (
  refusal: Refusal,
  optional: readonly string[],
  ask: (less: readonly string[]) => Promise<GraphAnswer>,
): Promise<readonly string[]> => {
  const isTaken = async (first: readonly string[]): Promise<boolean> =>
    (await ask(optional.slice(first.length))).refusal?.mend?.kind !== 'field'
  if (optional.length === 0 || !(await isTaken([]))) throw refuse(refusal)
  const culprit = await halve(optional, isTaken)
  return culprit === undefined ? [] : [culprit]
}

/** The paths that an answer has a value at: what the network gives it does not refuse. */
const presentIn = (json: Json, paths: readonly string[]): readonly string[] =>
  paths.filter(path => has(json, path.split('.')))

const has = (value: Json | undefined, [name, ...rest]: readonly string[]): boolean => {
  if (name === undefined) return value !== undefined && value !== null
  if (Array.isArray(value)) return value.some(item => has(item, [name, ...rest]))
  if (typeof value !== 'object' || value === null) return false
  const fields = value as JsonObject
  return has(fields[name], rest) || (fields[name] === undefined && has(fields.data, [name, ...rest]))
}
