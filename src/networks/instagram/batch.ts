import type { CallContext, RawPart } from '../../core/stream.ts'
import { BEFORE_CONVERSION, refuse } from './errors.ts'
import type { Graph } from './graph.ts'
import type { Medium } from './insight-sorts.ts'
import type { InsightsKnown } from './insights-known.ts'

/** The most entries that a batch takes (docs/networks/instagram.md §3). */
const MOST = 50

/**
 * Insights of posts, each with a call of its own, up to 50 of which go over the wire together: they count one by one
 * and save the round trips. Only on the Facebook side, where batches are documented. Gives the answers of those that were
 * answered, each as if it had been asked for by itself; the others are left to be.
 */
export const openBatch =
  (graph: Graph, known: InsightsKnown) =>
  async (media: readonly Medium[], account: string, ctx: CallContext): Promise<readonly RawPart[]> => {
    const parts: RawPart[] = []
    if (graph.side !== 'facebook') return parts
    for (let at = 0; at < media.length; at += MOST) {
      if (known.closedBy(account) !== null) return parts
      const some = media.slice(at, at + MOST).filter(medium => !known.isBefore(account, medium))
      const calls = some.map(({ id, sort }) => ({
        path: `${encodeURIComponent(id)}/insights`,
        query: { metric: known.metrics(account, sort).join(',') },
        target: 'object' as const,
        account,
        paged: false,
      }))
      const answers = calls.length === 0 ? [] : await graph.getMany(calls, ctx)
      for (const [index, answer] of answers.entries()) {
        const medium = some[index]
        if (answer === null || medium === undefined) continue
        const { part, refusal } = answer
        if (refusal === null) parts.push(part)
        else if (refusal.fault.code === BEFORE_CONVERSION) known.learnBefore(account, medium)
        else if (refusal.mend?.kind === 'permission')
          known.permissionRefused(account, medium.id, refuse(refusal))
        else known.learnSpoiler(medium.id)
      }
      if (answers.some(answer => answer?.refusal === null)) known.permitted(account)
    }
    return parts
  }
