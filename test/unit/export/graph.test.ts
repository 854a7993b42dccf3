import { expect, it } from 'vitest'
import { BadInput } from '../../../src/core/errors.ts'
import { type GraphSource, makeGraph } from '../../../src/export/graph.ts'

async function* some<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

const source = (authors: number): GraphSource => ({
  profiles: some([{ network: 'youtube', id: 'P', username: null, name: null, followers_count: null }]),
  comments: some(
    Array.from({ length: authors }, (_, n) => ({
      ...{ network: 'youtube', author_id: `A${n}`, author_name: null, profile_id: 'P' },
      ...{ comments: 1, first_at: null, last_at: null },
    })),
  ),
  mentions: [],
})

it('a graph that is too large is refused, with what makes it smaller', async () => {
  // A profile, and a node and an edge for each author.
  expect((await makeGraph(source(3), 7)).size).toBe(3)
  const refused = await makeGraph(source(4), 7).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(BadInput)
  expect(refused).toMatchObject({
    message: expect.stringContaining('at most 7'),
    hint: expect.stringContaining('--entity'),
  })
})
