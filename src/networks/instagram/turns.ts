import type { JsonObject } from '../../core/json.ts'
import type { Memory } from '../contract.ts'
import { LAPSES_MS } from '../evidence.ts'

/** Which credential asks for a post that a list names: nothing tells beforehand whose account it is of. */
export interface Turns {
  /** Whether there are other credentials that could ask. */
  isShared(): boolean
  /** Whether it is this one's turn. */
  isNext(id: string): boolean
  /** Whether it was refused to this one. */
  wasRefused(id: string): boolean
  /** Whether a refusal says something of the post: it does not where another credential may be the one to ask. */
  isSure(id: string): boolean
  refused(id: string): void
  given(id: string): void
}

/** What is noted of a post: whom it was refused to, and who was let in. */
interface Noted {
  readonly to: readonly string[]
  readonly by: string | null
}

const NOTHING: Noted = { to: [], by: null }

/** Who shares a memory, in the order in which they were opened: the credentials of one process. */
const sharing = new WeakMap<Memory, string[]>()

/**
 * The first credential asks; where it is refused a post, the next one does on the next run, and who was let in goes on asking.
 * What is noted of a post lapses 30 days after it was last asked for. Where there is one credential, refusals alone are noted.
 */
export const openTurns = (account: string, memory: Memory, now: () => number): Turns => {
  const all = sharing.get(memory) ?? []
  sharing.set(memory, all)
  if (!all.includes(account)) all.push(account)
  const isShared = (): boolean => all.length > 1
  const keyOf = (id: string): string => `named/${id}`
  const noted = (id: string): Noted => {
    const { to, by, at } = Object(memory.get(keyOf(id))) as Partial<JsonObject>
    if (!Array.isArray(to) || now() - Number(at) >= LAPSES_MS) return NOTHING
    return { to: to.filter(one => typeof one === 'string'), by: typeof by === 'string' ? by : null }
  }
  const write = (id: string, { to, by }: Noted): void => memory.set(keyOf(id), { to, by, at: now() })
  return {
    isShared,
    isNext(id) {
      const { to, by } = noted(id)
      const next = all.find(one => one === by) ?? all.find(one => !to.includes(one)) ?? all[0]
      return next === account
    },
    wasRefused: id => noted(id).to.includes(account),
    isSure: id => !isShared() || noted(id).by === account,
    refused(id) {
      const { to, by } = noted(id)
      write(id, { to: [...new Set([...to, account])], by: by === account ? null : by })
    },
    given(id) {
      const { to } = noted(id)
      if (isShared() || to.length > 0) write(id, { to: to.filter(one => one !== account), by: account })
    },
  }
}
