import { type Fault, FaultError } from '../../core/fault.ts'
import type { Json } from '../../core/json.ts'
import { describeBody, plainText } from '../plain-text.ts'
import { Reader } from '../reader.ts'
import { ASKER_ID, FOR_OTHERS, FOR_OWN, NO_TESTER, NOT_GRANTED, PROOF } from './advice.ts'
import type { WireError } from './wire.ts'

/**
 * What a refused call was about, since one code means different things: another account, asked about through our own
 * (`discovery`); the account that asks (`self`); another own account of the list; a list of an own account; or
 * something of it (a media, a comment) that may be gone or need a permission of its own.
 */
export type Target = 'discovery' | 'self' | 'account' | 'list' | 'object'

export interface Situation {
  readonly target: Target
  /** The pool that the call was charged to. */
  readonly pool: string
  /** Whether a cursor was sent. */
  readonly paged: boolean
  readonly now: number
  /** When the network lets us in again, if a header said so. */
  readonly regainAt: number | null
}

/** A refusal that the adapter can answer by asking for less. */
export type Mend =
  | { readonly kind: 'weight' }
  /** Fields or metrics, which the text may name; `place` = where in the list sent the refused one stands. */
  | { readonly kind: 'field'; readonly text: string; readonly place: number | null }
  /** The nested part needs a permission that the rest does not. */
  | { readonly kind: 'permission' }
  /** The list goes on, and the API does not serve it that deep. */
  | { readonly kind: 'depth' }

export interface Refusal {
  readonly message: string
  /** What it is for the engine, where it cannot be mended. */
  readonly fault: Fault
  readonly mend: Mend | null
}

export const refuse = ({ fault, message }: Refusal): FaultError => new FaultError(fault, message)

/** Media from before the account turned professional: they have no insights (docs/networks/instagram.md §10). */
export const BEFORE_CONVERSION = '100/2108006'

interface Facts extends Situation {
  /** `190/463` */
  readonly code: string
}

interface Rule {
  /** Exact codes, or an inclusive range; left out = any. */
  readonly codes?: readonly number[] | { readonly from: number; readonly to: number }
  readonly subcode?: number
  /** In the message or in `error_user_msg`: the disguises of code 100 differ in nothing else. */
  readonly text?: RegExp
  readonly targets?: readonly Target[]
  readonly fault: (facts: Facts) => Fault
  readonly mend?: (text: string, match: RegExpMatchArray | null) => Mend
}

const HOUR = 3_600_000

const transient = ({ code }: Facts): Fault => ({ kind: 'transient', code })
const rejected = ({ code }: Facts): Fault => ({ kind: 'rejected', code })
const unauthorised = ({ code }: Facts): Fault => ({ kind: 'unauthorised', code })
const unavailable = ({ code }: Facts): Fault => ({ kind: 'unsupported', code, reason: 'unavailable' })
const badArgument = ({ code, paged }: Facts): Fault =>
  paged ? { kind: 'cursor-expired', code } : { kind: 'rejected', code }
const misconfigured =
  (advice: string) =>
  ({ code }: Facts): Fault => ({ kind: 'misconfigured', code, advice })

/** No header tells the wait of the app's pool; "up to an hour" (docs/networks/instagram.md §9). */
const limited =
  (pool: 'app' | 'own', hours = 1) =>
  (facts: Facts): Fault => ({
    kind: 'rate-limited',
    code: facts.code,
    pool: pool === 'app' ? 'app' : facts.pool,
    until: facts.regainAt ?? facts.now + hours * HOUR,
  })

/** Of one thing: that part is closed. Of the account that asks: all is. Of others: who is meant shows in the next ones. */
const closed =
  (own: string, others: string) =>
  ({ target, code }: Facts): Fault => {
    if (target === 'self') return { kind: 'misconfigured', code, advice: own }
    const refused = { kind: 'forbidden', code, reason: 'refused' } as const
    if (target === 'discovery') return { ...refused, askerAdvice: others }
    return target === 'account' ? { ...refused, askerAdvice: own } : refused
  }
const noPermission = closed(FOR_OWN, FOR_OTHERS)
const notGranted = closed(NOT_GRANTED, NOT_GRANTED)
/** Without a word of the API, as from a proxy: whoever asks is not let in. */
const blocked = (facts: Facts): Fault =>
  facts.target === 'object' ? noPermission(facts) : unauthorised(facts)

/** In the middle of a list it passes: what it lists was there a moment ago. */
const notFound = ({ code, paged }: Facts): Fault =>
  paged ? { kind: 'transient', code, tries: 3 } : { kind: 'not-found', code, reason: 'not-found' }

/**
 * Also what throttling looks like on things that exist: believed only after three tries (docs/networks/instagram.md §10), and
 * in the middle of a comment list only where its first page says so too.
 */
const lost = (facts: Facts): Fault => {
  const { target, code, paged } = facts
  const passing = { kind: 'transient', code, tries: 3 } as const
  if (target === 'object') {
    return {
      ...passing,
      then: paged ? { kind: 'cursor-expired', code } : { kind: 'not-found', code, reason: 'deleted' },
    }
  }
  if (paged || target === 'list') return passing
  return { ...passing, then: target === 'discovery' ? misconfigured(NOT_GRANTED)(facts) : notGranted(facts) }
}

const weight = (): Mend => ({ kind: 'weight' })
const permission = (): Mend => ({ kind: 'permission' })
const depth = (): Mend => ({ kind: 'depth' })
const field = (text: string): Mend => ({ kind: 'field', text, place: null })
const numbered = (text: string, match: RegExpMatchArray | null): Mend => ({
  kind: 'field',
  text,
  place: Number(match?.[1]),
})

/** docs/networks/instagram.md §10, first match. */
const RULES: readonly Rule[] = [
  { codes: [4, 341, 17, 32], fault: limited('app') },
  { codes: [613], fault: limited('own') },
  { codes: { from: 80_000, to: 80_014 }, fault: limited('own') },
  { text: /too many calls|rate limit|request limit reached/i, fault: limited('own') },
  { codes: [368], fault: limited('own', 6) },
  { codes: [1], text: /reduce the amount of data/i, fault: rejected, mend: weight },
  { codes: [1, 2, -1], fault: transient },

  { codes: [100], text: /appsecret_proof/, fault: misconfigured(PROOF) },
  { codes: [100], text: /Unsupported request - method type/i, fault: misconfigured(NO_TESTER) },
  { codes: [100], text: /After Cursor specified exceeds/i, fault: rejected, mend: depth },
  {
    codes: [100],
    text: /nonexisting field \(\w+\) on node type \((?!\w*IG)/i,
    targets: ['discovery', 'self'],
    fault: misconfigured(ASKER_ID),
  },
  { codes: [100], text: /metric\[(\d+)\] must be one of/i, fault: rejected, mend: numbered },
  {
    codes: [100],
    text: /nonexisting field|support the \w+ metric|supported fields|Field is not available/i,
    fault: rejected,
    mend: field,
  },
  { codes: [36104], fault: rejected, mend: field },
  { codes: [100], subcode: 2108006, fault: unavailable },
  { codes: [100], subcode: 33, fault: lost },
  { codes: [100], text: /does not exist, cannot be loaded/i, fault: lost },
  { codes: [100], fault: badArgument, mend: field },

  { codes: [803], targets: ['discovery', 'self'], fault: misconfigured(ASKER_ID) },
  { codes: [110, 24, 803], fault: notFound },
  { codes: [10], text: /Not enough viewers/i, fault: unavailable },
  { codes: [10, 3], fault: noPermission, mend: permission },
  { codes: { from: 200, to: 299 }, fault: noPermission, mend: permission },
  { codes: [2500], text: /Syntax error|Unknown path/i, fault: rejected },
  { codes: [190, 102, 104, 2500], fault: unauthorised },
]

/** Why a token died, by subcode of 190 (docs/networks/instagram.md §10): all need a person. */
const TOKEN_DEATHS: Readonly<Record<number, string>> = {
  458: 'the app was removed by the user',
  459: 'the user has to log in and pass a check',
  460: 'the password was changed',
  463: 'the token has expired',
  464: 'the user is not confirmed',
  467: 'the token was revoked',
  492: 'the role on the Page was lost',
}

/** What a page is answered with that takes the network too long to put together (docs/networks/instagram.md §10). */
export const isHeavy = (error: unknown): error is FaultError =>
  error instanceof FaultError && error.fault.kind === 'transient' && /^[12](\/|$)/.test(error.fault.code)

/** Whether it says that a thing is deleted, another's, or not for us: the API does not tell which (docs/networks/instagram.md §10). */
export const isLost = ({ fault }: Refusal): boolean =>
  fault.kind === 'transient' && fault.then?.kind === 'not-found'

/** Whether a refusal is about a picture of an album: it has none of what makes a post (docs/networks/instagram.md §6). */
export const isOfChild = (text: string): boolean => /Carousel children/i.test(text)

/** The envelope in an answer of any status, or null where there is none. */
export const readError = (body: Json): WireError | null => {
  const error = new Reader().object(body, '$')?.raw.error
  const fields = new Reader().object(error, '$.error')
  const code = fields?.raw.code
  if (!fields || typeof code !== 'number') return null
  const subcode = fields.raw.error_subcode
  return {
    code,
    message: fields.string('message') ?? '',
    error_user_msg: fields.string('error_user_msg') ?? '',
    is_transient: fields.boolean('is_transient') ?? false,
    ...(typeof subcode === 'number' ? { error_subcode: subcode } : {}),
  }
}

/** What a refusal means. */
export const explain = (error: WireError, status: number, situation: Situation): Refusal => {
  const subcode = error.error_subcode
  const code = subcode === undefined ? `${error.code}` : `${error.code}/${subcode}`
  const facts: Facts = { ...situation, code }
  const texts = `${error.message}\n${error.error_user_msg ?? ''}`
  const rule = RULES.find(candidate => applies(candidate, error, texts, situation))
  const death = error.code === 190 && subcode !== undefined ? TOKEN_DEATHS[subcode] : undefined
  return {
    message: `Instagram refused (${code}): ${death ?? (plainText(error.message) || 'no reason given')}`,
    fault: rule?.fault(facts) ?? unknown(error, status, facts),
    mend: rule?.mend?.(texts, rule.text ? texts.match(rule.text) : null) ?? null,
  }
}

/** What an answer without an envelope means: a proxy, or an outage in HTML (docs/networks/instagram.md §10, last line). */
export const explainStatus = (status: number, body: string, situation: Situation): Refusal => {
  const facts: Facts = { ...situation, code: `${status}` }
  return {
    message: `Instagram answered HTTP ${status}: ${describeBody(body) || 'no reason given'}`,
    fault: status === 403 ? blocked(facts) : byStatus(status, facts),
    mend: null,
  }
}

const applies = (
  { codes, subcode, text, targets }: Rule,
  error: WireError,
  texts: string,
  { target }: Situation,
): boolean =>
  (codes === undefined ||
    ('from' in codes ? codes.from <= error.code && error.code <= codes.to : codes.includes(error.code))) &&
  (subcode === undefined || subcode === error.error_subcode) &&
  (text === undefined || text.test(texts)) &&
  (targets === undefined || targets.includes(target))

const unknown = (error: WireError, status: number, facts: Facts): Fault =>
  error.is_transient === true ? transient(facts) : byStatus(status, facts)

const byStatus = (status: number, facts: Facts): Fault => {
  if (status === 429) return limited('own')(facts)
  if (status === 401) return unauthorised(facts)
  if (status === 403) return noPermission(facts)
  return status >= 500 ? transient(facts) : rejected(facts)
}
