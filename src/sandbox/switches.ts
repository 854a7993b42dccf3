import { BadInput } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { SandboxRequest, Switches } from '../networks/sandbox.ts'
import { readBreak } from './break.ts'

/** A fault or trait that is on. Bound to all networks, all paths and for ever, unless it says otherwise. */
export interface SwitchRule {
  readonly name: string
  /** Left out = every network. */
  readonly network?: string
  /** What the switch is set to; `true` unless said. */
  readonly value?: Json
  /** What the path and query hold, as sent or decoded; requests without it are not touched and not counted. */
  readonly match?: Match
  /** The same of the request's body, as sent. */
  readonly body?: Match
  /** Spares this many first uses. */
  readonly after?: number
  /** Ends after this many uses. */
  readonly times?: number
}

/** A text, a pattern, or several of them that must all be there. */
export type Match = MatchPart | readonly MatchPart[]
type MatchPart = string | { readonly pattern: string }

/** A rule that was switched on: what `GET /sandbox/switches` shows. */
interface SwitchState {
  readonly id: number
  readonly rule: SwitchRule
  /** Requests that it would have touched, the spared ones included. */
  readonly seen: number
}

/** All rules of a sandbox. Where several are on for one request, the one set first wins. */
export interface SwitchBoard {
  set(rule: SwitchRule): SwitchState
  /** Takes rules away: one by its id, those of a name, or all. Returns how many. */
  clear(which?: { readonly id?: number; readonly name?: string }): number
  list(): readonly SwitchState[]
  /** The board as one network sees it. */
  of(network: string): Switches
}

export const openSwitches = (rules: readonly SwitchRule[] = []): SwitchBoard => {
  let states: { id: number; rule: SwitchRule; seen: number }[] = []
  let lastId = 0

  const isOpen = ({ rule, seen }: SwitchState): boolean =>
    seen >= (rule.after ?? 0) && seen < (rule.after ?? 0) + (rule.times ?? Number.POSITIVE_INFINITY)

  const board: SwitchBoard = {
    set(rule) {
      lastId += 1
      const state = { id: lastId, rule, seen: 0 }
      states.push(state)
      return state
    },
    clear(which = {}) {
      const kept = states.filter(
        ({ id, rule }) =>
          (which.id !== undefined && which.id !== id) ||
          (which.name !== undefined && which.name !== rule.name),
      )
      const cleared = states.length - kept.length
      states = kept
      return cleared
    },
    list: () => states,
    of(network) {
      const named = (name: string) =>
        states.filter(({ rule }) => rule.name === name && (rule.network ?? network) === network)
      return {
        take(name, request) {
          for (const state of named(name)) {
            if (!touches(state.rule, request)) continue
            const on = isOpen(state)
            state.seen += 1
            if (on) return state.rule.value ?? true
          }
          return undefined
        },
        peek(name) {
          const state = named(name).find(isOpen)
          return state === undefined ? undefined : (state.rule.value ?? true)
        },
      }
    },
  }
  for (const rule of rules) board.set(rule)
  return board
}

const touches = ({ match, body }: SwitchRule, request: SandboxRequest): boolean =>
  (match === undefined || holds(match, addressesOf(request))) &&
  (body === undefined || holds(body, [request.body]))

/** The path and query as sent, and with the query decoded. */
const addressesOf = ({ path, query }: SandboxRequest): readonly string[] => [
  `${path}?${query}`,
  `${path}?${[...query].map(field => field.join('=')).join('&')}`,
]

const holds = (match: Match, texts: readonly string[]): boolean =>
  partsOf(match).every(part =>
    texts.some(text => (typeof part === 'string' ? text.includes(part) : RegExp(part.pattern).test(text))),
  )

const partsOf = (match: Match): readonly MatchPart[] =>
  typeof match === 'object' && !('pattern' in match) ? match : [match]

const isMatch = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 && value.every(isMatchPart) : isMatchPart(value)

const isMatchPart = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return typeof value === 'string'
  const { pattern, ...others } = value as Record<string, unknown>
  return typeof pattern === 'string' && isPattern(pattern) && Object.keys(others).length === 0
}

const isPattern = (text: string): boolean => {
  try {
    return RegExp(text) !== null
  } catch {
    return false
  }
}

const FIELDS: Readonly<Record<keyof SwitchRule, (value: unknown) => boolean>> = {
  name: value => typeof value === 'string' && value !== '',
  network: value => typeof value === 'string',
  value: value => value !== null,
  match: isMatch,
  body: isMatch,
  after: value => Number.isSafeInteger(value) && Number(value) >= 0,
  times: value => Number.isSafeInteger(value) && Number(value) >= 1,
}

/** Rules from the text of a file or of a request: one object or a list. Throws {@link BadInput} that names the field. */
export const readRules = (text: string): readonly SwitchRule[] => {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (cause) {
    throw new BadInput('The switches are not JSON.', { cause })
  }
  return (Array.isArray(given) ? given : [given]).map(readRule)
}

const readRule = (given: unknown): SwitchRule => {
  if (typeof given !== 'object' || given === null) throw new BadInput('A switch is an object with a name.')
  for (const [field, value] of Object.entries(given)) {
    if (!isField(field)) {
      throw new BadInput(`A switch has no field "${field}"; it has ${Object.keys(FIELDS).join(', ')}.`)
    }
    if (!FIELDS[field](value))
      throw new BadInput(`The field "${field}" of a switch cannot be ${JSON.stringify(value)}.`)
  }
  if (!('name' in given)) throw new BadInput('A switch has a name.')
  const rule = given as SwitchRule
  if (rule.name === 'break') readBreak(rule.value)
  return rule
}

const isField = (name: string): name is keyof SwitchRule => Object.hasOwn(FIELDS, name)
