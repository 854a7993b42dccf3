import { refuse } from '../errors.ts'
import type { Call } from '../method.ts'

/** `publishedAfter` and `publishedBefore` as a question to a moment in epoch milliseconds. */
export const readMoments = (call: Call): ((moment: number) => boolean) => {
  const after = readMoment(call, 'publishedAfter') ?? Number.NEGATIVE_INFINITY
  const before = readMoment(call, 'publishedBefore') ?? Number.POSITIVE_INFINITY
  return moment => moment >= after && moment < before
}

const readMoment = (call: Call, name: string): number | null => {
  const text = call.one(name)
  if (text === null) return null
  const moment = Date.parse(text)
  if (Number.isNaN(moment))
    throw refuse('invalidParameter', { message: `Invalid value '${text}'.`, location: name })
  return moment
}
