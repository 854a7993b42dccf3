import type { SocialRecord } from './records.ts'
import type { Child, Page } from './stream.ts'
import type { TaskKind } from './task.ts'

const COUNTED = { profile: 'profile', posts: 'post', comments: 'comment', likes: 'like' } as const

/** The type of record that a task of this kind counts as its items. */
export const countedType = (kind: TaskKind): (typeof COUNTED)[TaskKind] => COUNTED[kind]

/**
 * A page with at most `room` items of its kind, and at most `perPost` comments on a post that it brings inline;
 * what hangs on a post that is cut goes with it, and a post that has its comments needs no walk for more.
 */
export const trim = (page: Page, kind: TaskKind, limits: TrimLimits): Page =>
  trimComments(trimItems(page, kind, limits.room), kind, limits)

export interface TrimLimits {
  readonly room: number | null
  readonly perPost: number | null
  kindOf(stream: string): TaskKind
}

const trimItems = (page: Page, kind: TaskKind, room: number | null): Page => {
  const type = countedType(kind)
  if (room === null || page.records.filter(record => record.type === type).length <= room) return page
  let left = room
  const cut = new Set<string>()
  const records = page.records.filter(record => {
    if (record.type === type && left-- <= 0) {
      if (record.type === 'post' || record.type === 'comment') cut.add(record.id)
      return false
    }
    return !hangsOn(record, cut)
  })
  const children = page.children.filter(child => !cut.has(child.externalId) && !cut.has(child.postId ?? ''))
  // What is cut off a list's last page is missing by the user's own limit.
  return { ...page, records, children, reason: page.next === null ? 'limited' : page.reason }
}

const trimComments = (page: Page, kind: TaskKind, { perPost, kindOf }: TrimLimits): Page => {
  if (perPost === null || kind === 'comments') return page
  const counts = new Map<string, number>()
  const cut = new Set<string>()
  const records = page.records.filter(record => {
    if (record.type !== 'comment') return true
    const count = (counts.get(record.postId) ?? 0) + 1
    counts.set(record.postId, count)
    if (count > perPost) cut.add(record.id)
    return count <= perPost
  })
  const children = page.children
    .filter(child => !cut.has(child.externalId))
    .map((child): Child => {
      const full = (counts.get(child.postId ?? child.externalId) ?? 0) >= perPost
      return full && child.next !== null && kindOf(child.stream) === 'comments'
        ? { ...child, next: null, reason: 'limited' }
        : child
    })
  return { ...page, records, children }
}

const hangsOn = (record: SocialRecord, posts: ReadonlySet<string>): boolean =>
  (record.type === 'media' ||
    record.type === 'item' ||
    record.type === 'comment' ||
    record.type === 'like' ||
    record.type === 'relation') &&
  posts.has(record.postId ?? '')
