import { type Instant, instant } from '../../core/instant.ts'

/** What helps with what is unfinished. */
export type NextStep =
  /** Go on with it, at once or after a moment. */
  | { readonly kind: 'resume'; readonly after: Instant | null }
  /** A person has to set up or renew something first: then go on with it. */
  | { readonly kind: 'set-up' | 'renew' }
  /** The budget is spent: go on with another one. */
  | { readonly kind: 'budget' }
  /** All of it failed and waits for the day of its next try: going on tries it before that. */
  | { readonly kind: 'wait'; readonly until: Instant }

const PERSON: Readonly<Record<string, 'set-up' | 'renew' | 'budget'>> = {
  misconfigured: 'set-up',
  unauthorised: 'renew',
  budget: 'budget',
}

/** At a moment, epoch ms. `errorTypes` = what stopped the unfinished jobs; `putOffUntil` null = something can be tried at once. */
export const nextStep = (
  errorTypes: readonly string[],
  { notBefore, putOffUntil }: { readonly notBefore: Instant | null; readonly putOffUntil: Instant | null },
  now: number,
): NextStep => {
  const [first, ...others] = new Set(errorTypes)
  const person = others.length === 0 ? PERSON[first ?? ''] : undefined
  if (person !== undefined) return { kind: person }
  if (putOffUntil !== null && putOffUntil > instant(now)) return { kind: 'wait', until: putOffUntil }
  return { kind: 'resume', after: notBefore }
}
