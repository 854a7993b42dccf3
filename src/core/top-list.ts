/** Keeps the `size` largest of what is added, the first of equals, in the memory of so many. */
export const topList = <T>(size: number, by: (item: T) => number) => {
  const kept: T[] = []
  return {
    add: (item: T): void => {
      const last = kept.at(-1)
      if (kept.length >= size && (last === undefined || by(last) >= by(item))) return
      const place = kept.findIndex(other => by(other) < by(item))
      kept.splice(place === -1 ? kept.length : place, 0, item)
      if (kept.length > size) kept.pop()
    },
    items: (): readonly T[] => kept,
  }
}
