import { FaultError } from '../../core/fault.ts'
import type { CallContext } from '../../core/stream.ts'
import type { Graph } from './graph.ts'
import { ME } from './own.ts'

/**
 * Asks who the token is, which every token may: the app's pool pays on the Facebook side, the account's on the other
 * (docs/networks/instagram.md §9). A refusal is a sign of life too.
 */
export const askAlive = async (graph: Graph, ctx: CallContext): Promise<void> => {
  const account = graph.side === 'instagram' ? (graph.userId ?? 'own') : null
  const call = { path: ME, query: { fields: 'id' }, target: 'self', account, paged: false, tries: 1 } as const
  try {
    await graph.get(call, ctx)
  } catch (error) {
    if (!(error instanceof FaultError) || UNANSWERED.has(error.fault.kind)) throw error
  }
}

/** Of a limit it is not known whether the network told it or our own ledger. */
const UNANSWERED: ReadonlySet<string> = new Set(['transient', 'rate-limited', 'quota-exhausted'])
