import { QueryNode, type RootOperationNode, SelectModifierNode, SelectQueryNode } from 'kysely'
import type { Locking } from '../database/database.ts'

/** A select that also locks what it finds. */
export const locking = (node: RootOperationNode, how: Locking): RootOperationNode => {
  if (!SelectQueryNode.is(node)) throw new Error(`what is locked is selected: ${node.kind}`)
  const strength = SelectModifierNode.create(how === 'keep' ? 'ForShare' : 'ForUpdate')
  const locked = QueryNode.cloneWithEndModifier(node, strength)
  return how === 'free'
    ? QueryNode.cloneWithEndModifier(locked, SelectModifierNode.create('SkipLocked'))
    : locked
}
