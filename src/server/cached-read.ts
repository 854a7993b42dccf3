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
