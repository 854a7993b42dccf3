/** Something that may take long to read from a large file, and is asked for often. */
export interface CachedRead<T> {
  read(): Promise<T>
  /** It has changed: what was read before is not given again. */
  forget(): void
}

/** What is read faster is read each time. */
const CHEAP_MS = 20
/** Reading takes a twentieth of the time at most, however many ask. */
const REST = 20

/** Those who ask at once share an answer; one that took long is given again for as long as it was dear. */
export const cachedRead = <T>(read: () => Promise<T>): CachedRead<T> => {
  let kept: { readonly value: Promise<T>; until: number } | null = null
  return {
    read: () => {
      if (kept !== null && performance.now() < kept.until) return kept.value
      const began = performance.now()
      const reading = { value: read(), until: Number.POSITIVE_INFINITY }
      kept = reading
      const settle = (): void => {
        const took = performance.now() - began
        reading.until = took < CHEAP_MS ? 0 : began + took * REST
      }
      reading.value.then(settle, () => {
        reading.until = 0
      })
      return reading.value
    },
    forget: () => {
      kept = null
    },
  }
}

/** {@link cachedRead} for many things, each told by a key. */
export interface CachedReads<T> {
  read(key: string, read: () => Promise<T>): Promise<T>
}

/** Those that were asked for last are kept, so many of them. */
export const cachedReads = <T>(most: number): CachedReads<T> => {
  const kept = new Map<string, CachedRead<T>>()
  return {
    read: (key, read) => {
      const found = kept.get(key) ?? cachedRead(read)
      kept.delete(key)
      kept.set(key, found)
      for (const old of [...kept.keys()].slice(0, -most)) kept.delete(old)
      return found.read()
    },
  }
}
