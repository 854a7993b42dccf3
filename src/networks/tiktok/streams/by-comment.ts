import { FaultError } from '../../../core/fault.ts'
import type { Evidence } from '../../evidence.ts'

/** Asks for replies by their comment for as long as TikTok takes that form of the question. */
export interface ByComment {
  /** Throws `unsupported` without a call once it is known that the form is refused. */
  ask<T>(commentId: string, send: () => Promise<T>): Promise<T>
}

const FACT = 'replies by their comment'
/** What a client is told for which the list knows videos only. */
const REFUSED = /\bvideo_?id\b/i

/**
 * The first question goes alone: its answer says whether the form is taken, and a refusal holds for the rest of this
 * run. A later run asks again until three of them were refused.
 */
export const openByComment = (evidence: Evidence, account: string): ByComment => {
  let refusal: string | null = evidence.holds(account, FACT) ? 'it has refused all of them lately' : null
  let isTaken = false
  let first: Promise<void> | null = null

  const attempt = async <T>(commentId: string, send: () => Promise<T>): Promise<T> => {
    try {
      const answer = await send()
      isTaken = true
      evidence.accepted(account, FACT)
      return answer
    } catch (error) {
      if (isTaken || !isRefusal(error)) throw error
      refusal = error.message
      evidence.refused(account, FACT, commentId)
      throw unsupported(refusal)
    }
  }

  return {
    async ask(commentId, send) {
      while (first !== null && !isTaken && refusal === null) await first
      if (refusal !== null) throw unsupported(refusal)
      if (isTaken) return attempt(commentId, send)
      const asked = attempt(commentId, send)
      first = asked.then(
        () => {},
        () => {
          first = null
        },
      )
      return asked
    },
  }
}

const isRefusal = (error: unknown): error is FaultError =>
  error instanceof FaultError && error.fault.kind === 'rejected' && REFUSED.test(error.message)

const unsupported = (why: string): FaultError =>
  new FaultError(
    { kind: 'unsupported', code: 'comment_id', reason: 'unsupported-by-network' },
    `TikTok does not give replies by their comment to this client: ${why}`,
  )
