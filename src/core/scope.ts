import type { TaskKind } from './task.ts'

export const SCOPES = ['profile', 'posts', 'comments', 'likes', 'all'] as const
export type Scope = (typeof SCOPES)[number]

/** The kinds of task that scopes ask for: comments and likes imply posts, posts imply profile. In order of work. */
export const kindsOf = (scopes: readonly Scope[]): readonly TaskKind[] => {
  const has = (...wanted: Scope[]): boolean => scopes.some(scope => wanted.includes(scope))
  const kinds: TaskKind[] = ['profile']
  if (has('posts', 'comments', 'likes', 'all')) kinds.push('posts')
  if (has('comments', 'all')) kinds.push('comments')
  if (has('likes', 'all')) kinds.push('likes')
  return kinds
}
