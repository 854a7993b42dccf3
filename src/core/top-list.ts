/**
 * Keeps the `size` largest of what is added, in the memory of so many; of equals the one that `tie` puts first, else the
 * one that came first.
 */
export const topList = <T>(size: number, by: (item: T) => number, tie: (a: T, b: T) => number = () => 0) => {
  const kept: T[] = []
  return {
    add: (item: T): void => {
      const comesBefore = (other: T): boolean =>
        by(item) > by(other) || (by(item) === by(other) && tie(item, other) < 0)
      const last = kept.at(-1)
      if (kept.length >= size && (last === undefined || !comesBefore(last))) return
      const place = kept.findIndex(comesBefore)
      kept.splice(place === -1 ? kept.length : place, 0, item)
      if (kept.length > size) kept.pop()
    },
    items: (): readonly T[] => kept,
  }
}
