import type { GraphSource, PersonRow } from '../../export/graph.ts'
import type { PeopleCover } from './cover.ts'

/** What a graph is made of, with its people covered: mentions have the pseudonyms of those whom they mention. */
export const coverGraph = (
  { profiles, comments, mentions }: GraphSource,
  cover: PeopleCover,
): GraphSource => ({
  profiles: each(profiles, profile => {
    const of = (word: string): string => cover.cover(profile.network, word)
    return cover.whom === 'authors'
      ? profile
      : {
          ...profile,
          id: of(profile.id),
          username: profile.username === null ? null : of(profile.username),
          name: profile.name === null ? null : of(profile.name),
        }
  }),
  comments: each(comments, row => ({
    ...coverPerson(row, cover),
    profile_id: cover.whom === 'all' ? cover.cover(row.network, row.profile_id) : row.profile_id,
  })),
  mentions: mentions.map(list =>
    each(list, row => ({
      ...coverPerson(row, cover),
      handles: row.handles.map(handle => cover.cover(row.network, handle)),
    })),
  ),
})

const coverPerson = <T extends PersonRow>(row: T, { whom, isListed, cover }: PeopleCover): T => {
  const { network, author_id: id, author_name: name } = row
  if (whom === 'authors' && isListed(network, id ?? name ?? '')) return row
  return {
    ...row,
    author_id: id === null ? null : cover(network, id),
    author_name: name === null ? null : cover(network, name),
  }
}

async function* each<T>(rows: AsyncIterable<T>, change: (row: T) => T): AsyncGenerator<T> {
  for await (const row of rows) yield change(row)
}
