import { describe, expect, test } from 'vitest'
import type { WaitingTask } from '../../../src/core/ports.ts'
import type { Stream } from '../../../src/core/stream.ts'
import { groupTasks, sharedStreams } from '../../../src/engine/share.ts'
import { fc } from '../../support/fc.ts'
import { EVERYTHING } from '../../support/params.ts'
import { taskRef } from '../../support/task-ref.ts'

const stream = (part: Pick<Stream, 'name' | 'kind' | 'batch'> & Partial<Stream>): Stream => ({
  newestFirst: false,
  fetch: () => Promise.reject(new Error('no call expected')),
  normalise: () => {
    throw new Error('no page expected')
  },
  ...part,
})
/** Profiles share a call with those of the same first letter; those in capitals walk alone. */
const PROFILES = stream({
  name: 'profiles',
  kind: 'profile',
  batch: 3,
  share: ({ externalId }) => (/^[A-Z]/.test(externalId) ? null : (externalId[0] ?? '')),
})
const SOURCE = {
  streams: [
    PROFILES,
    stream({ name: 'videos', kind: 'posts', batch: 20, share: () => '' }),
    stream({ name: 'comments', kind: 'comments', batch: 1 }),
  ],
}

const waiting = (externalId: string, of = 'profiles'): WaitingTask => ({
  ...taskRef({ name: of, kind: 'profile' }, externalId),
  ...{ id: 1, jobId: 1, items: 0, part: '', params: EVERYTHING, fails: false },
})
const grouped = (ids: readonly string[], of?: string): readonly string[] =>
  groupTasks(
    SOURCE,
    ids.map(id => waiting(id, of)),
  ).map(group => group.map(one => one.externalId).join())

describe('tasks that one call can serve', () => {
  test.each([
    ['none', [], []],
    ['of one key', ['a1', 'a2'], ['a1,a2']],
    ['of several keys, in turn', ['a1', 'b1', 'a2', 'b2'], ['a1,a2', 'b1,b2']],
    ['more than a call can serve', ['a1', 'a2', 'a3', 'a4', 'a5'], ['a1,a2,a3', 'a4,a5']],
    ['those without a key walk alone', ['A1', 'a1', 'A2', 'a2'], ['A1', 'a1,a2', 'A2']],
  ])('%s', (_, ids, groups) => {
    expect(grouped(ids)).toEqual(groups)
  })

  test('as their stream puts them together, those of one key', () => {
    const byLength = stream({
      name: 'profiles',
      kind: 'profile',
      batch: 3,
      share: ({ externalId }) => externalId[0] ?? '',
      pack: tasks => [...Map.groupBy(tasks, ({ externalId }) => externalId.length).values()],
    })
    const tasks = ['a1', 'b1', 'a22', 'a3', 'b2'].map(id => waiting(id))
    const groups = groupTasks({ streams: [byLength] }, tasks)
    expect(groups.map(group => group.map(({ externalId }) => externalId).join())).toEqual([
      'a1,a3',
      'a22',
      'b1,b2',
    ])
  })

  test('those of equal parameters alone: a walk has those of one of its jobs', () => {
    const tasks = ['a1', 'a2', 'a3', 'a4'].map((id, index) => ({
      ...waiting(id),
      params: { ...EVERYTHING, since: index % 2 === 0 ? '2026-03-01T00:00:00.000Z' : null },
    }))
    const groups = groupTasks(SOURCE, tasks).map(group => group.map(({ externalId }) => externalId).join())
    expect(groups).toEqual(['a1,a3', 'a2,a4'])
  })

  test('a stream that shares nothing, or that the source does not have: each alone', () => {
    expect(grouped(['a1', 'a2'], 'comments')).toEqual(['a1', 'a2'])
    expect(grouped(['a1', 'a2'], 'unknown')).toEqual(['a1', 'a2'])
  })

  test('each is in one group, none is too large, and all of a group have one key', () => {
    const id = fc.tuple(fc.constantFrom('a', 'b', 'A'), fc.nat(99)).map(([key, n]) => `${key}${n}`)
    fc.assert(
      fc.property(fc.uniqueArray(id), ids => {
        const groups = grouped(ids).map(group => group.split(','))
        expect(groups.flat().toSorted()).toEqual(ids.toSorted())
        for (const group of groups) {
          expect(group.length).toBeLessThanOrEqual(PROFILES.batch)
          expect(new Set(group.map(one => one[0])).size).toBe(1)
        }
        const count = (key: string) => ids.filter(one => one.startsWith(key)).length
        const fewest = Math.ceil(count('a') / 3) + Math.ceil(count('b') / 3) + count('A')
        expect(groups).toHaveLength(fewest)
      }),
    )
  })
})

test.each([
  [{}, ['profiles', 'videos']],
  [{ limitPosts: 5 }, ['profiles']],
  [{ limitComments: 5 }, ['profiles', 'videos']],
])('streams whose tasks wait to share a walk, where the user wants %o', (params, streams) => {
  expect([...sharedStreams(SOURCE, { ...EVERYTHING, ...params })]).toEqual(streams)
})

test('what the list names by itself shares walks whatever the user wants of a profile', () => {
  const named = stream({ name: 'named', kind: 'posts', batch: 3, share: () => 'all', named: true })
  expect([...sharedStreams({ streams: [named] }, { ...EVERYTHING, limitPosts: 5 })]).toEqual(['named'])
})
