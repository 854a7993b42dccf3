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
  refused(id: string): void
  given(id: string): void
}

/** Who shares a memory, in the order in which they were opened: the credentials of one process. */
const sharing = new WeakMap<Memory, string[]>()

/**
 * The first credential asks; where it is refused a post, the next one does on the next run, and who is let in goes on asking.
 * What is noted of a post lapses 30 days after it was last asked for; noted are those alone that were refused.
 */
export const openTurns = (account: string, memory: Memory, now: () => number): Turns => {
  const all = sharing.get(memory) ?? []
  sharing.set(memory, all)
  if (!all.includes(account)) all.push(account)
  const keyOf = (id: string): string => `named/${id}`
  const refusedTo = (id: string): readonly string[] => {
    const { to, at } = Object(memory.get(keyOf(id))) as Partial<JsonObject>
    if (!Array.isArray(to) || now() - Number(at) >= LAPSES_MS) return []
    return to.filter(one => typeof one === 'string')
  }
  const write = (id: string, to: readonly string[]): void => memory.set(keyOf(id), { to, at: now() })
  return {
    isShared: () => all.length > 1,
    isNext(id) {
      const to = refusedTo(id)
      return (all.find(one => !to.includes(one)) ?? all[0]) === account
    },
    wasRefused: id => refusedTo(id).includes(account),
    refused: id => write(id, [...new Set([...refusedTo(id), account])]),
    given(id) {
      const to = refusedTo(id)
      if (to.length > 0)
        write(
          id,
          to.filter(one => one !== account),
        )
    },
  }
}
