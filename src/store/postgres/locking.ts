import { QueryNode, type RootOperationNode, SelectModifierNode, SelectQueryNode } from 'kysely'
import type { Locking } from '../database/database.ts'

/** A select that also locks what it finds. */
export const locking = (node: RootOperationNode, how: Locking): RootOperationNode => {
  if (!SelectQueryNode.is(node)) throw new Error(`what is locked is selected: ${node.kind}`)
  const locked = QueryNode.cloneWithEndModifier(node, SelectModifierNode.create(STRENGTH[how]))
  return how === 'free'
    ? QueryNode.cloneWithEndModifier(locked, SelectModifierNode.create('SkipLocked'))
    : locked
}

const STRENGTH = { change: 'ForUpdate', free: 'ForUpdate', same: 'ForShare', there: 'ForKeyShare' } as const
