import { FaultError } from '../../core/fault.ts'
import type { FetchContext, RawPart } from '../../core/stream.ts'
import { Reader } from '../reader.ts'
import { type Api, WELL_KNOWN } from './api.ts'

/**
 * Whether an answer by ids that brings nothing is to be believed. What is not there is left out without a word
 * (docs/networks/youtube.md §0.6), and a sick API may leave out everything: then it leaves out what is there as well.
 */
export interface Witness {
  /**
   * Gives the answer back. One without any item costs a call more, and is the passing fault `empty` where that brings
   * nothing either, or where it is about more than a few that were there the last time: those are to be asked for apart.
   */
  believe(ctx: FetchContext, answer: RawPart, asked: readonly string[]): Promise<RawPart>
}

export interface WitnessOptions {
  readonly method: keyof typeof WELL_KNOWN
  readonly subject: 'profile' | 'post'
  /** So many of several that were there may well be gone together. */
  readonly few: number
}

/** So long what was seen of an API is taken for its state: a long list of what is gone costs one confirmation. */
const BELIEVED_MS = 60_000

export const openWitness = (api: Api, { method, subject, few }: WitnessOptions): Witness => {
  let lastSeen: string | null = null
  let confirmedUntil = 0
  const empty = (what: string): FaultError =>
    new FaultError({ kind: 'transient', code: 'empty' }, `YouTube's answer to ${method} is empty, ${what}`)
  return {
    async believe(ctx, answer, asked) {
      const [seen] = idsIn(answer)
      lastSeen = seen ?? lastSeen
      if (seen !== undefined) return answer
      if (ctx.now() >= confirmedUntil) {
        const there = [...(lastSeen === null ? [] : [lastSeen]), WELL_KNOWN[method]]
        const sign = await api.list(ctx, method, () => ({ part: 'id', id: there.join(',') }))
        if (idsIn(sign).length === 0) throw empty('and so it is about what is there')
        confirmedUntil = ctx.now() + BELIEVED_MS
      }
      if (asked.length === 1) return answer
      const { size } = await ctx.there(subject, asked)
      if (size > few) throw empty(`though it is about ${size} that were there before`)
      return answer
    },
  }
}

/** The ids of what came. */
export const idsIn = ({ json }: RawPart): readonly string[] =>
  (new Reader().object(json, '$')?.objects('items') ?? []).flatMap(item => item.id('id') ?? [])
