import { FaultError } from '../../core/fault.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import { Reader } from '../reader.ts'
import { type Api, WELL_KNOWN } from './api.ts'

/**
 * Whether an answer by ids that brings nothing is to be believed. What is not there is left out without a word
 * (docs/networks/youtube.md §0.6), and a sick API may leave out everything: then it leaves out what is there as well.
 */
export interface Witness {
  /** Gives the answer back; one without any item costs a call more, and is the passing fault `empty` where that brings nothing either. */
  believe(ctx: CallContext, answer: RawPart): Promise<RawPart>
}

/** So long what was seen of an API is taken for its state: a long list of what is gone costs one confirmation. */
const BELIEVED_MS = 60_000

export const openWitness = (api: Api, method: keyof typeof WELL_KNOWN): Witness => {
  let lastSeen: string | null = null
  let confirmedUntil = 0
  return {
    async believe(ctx, answer) {
      const [seen] = idsIn(answer)
      lastSeen = seen ?? lastSeen
      if (seen !== undefined || ctx.now() < confirmedUntil) return answer
      const there = [...(lastSeen === null ? [] : [lastSeen]), WELL_KNOWN[method]]
      const sign = await api.list(ctx, method, () => ({ part: 'id', id: there.join(',') }))
      if (idsIn(sign).length > 0) {
        confirmedUntil = ctx.now() + BELIEVED_MS
        return answer
      }
      throw new FaultError(
        { kind: 'transient', code: 'empty' },
        `YouTube's answer to ${method} is empty, and so it is about what is there`,
      )
    },
  }
}

/** The ids of what came. */
export const idsIn = ({ json }: RawPart): readonly string[] =>
  (new Reader().object(json, '$')?.objects('items') ?? []).flatMap(item => item.id('id') ?? [])
