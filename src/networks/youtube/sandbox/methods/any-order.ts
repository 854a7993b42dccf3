import { hash32 } from '../../../seeded.ts'

/** An order that is not the one asked in: none is promised for ids (docs/networks/youtube.md §5). */
export const inAnyOrder = <T extends { readonly id: string }>(items: readonly T[]): readonly T[] =>
  items
    .map(item => ({ item, rank: hash32(item.id, 'any order') }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
