/** The sandbox's time: runs on by itself unless frozen, and can be set or moved from outside. Epoch milliseconds. */
export interface MovableClock {
  now(): number
  set(to: number): void
  advance(by: number): void
  /** Moves on to this moment, never back: several sleepers of one minute make one minute, not several. */
  reach(moment: number): void
}

/** `ticking` false: time stands still between moves, so that two answers of a moving world are of one moment. */
export const movableClock = (start: number, ticking = true): MovableClock => {
  const elapsed = ticking ? () => performance.now() : () => 0
  let zero = start - elapsed()
  const clock: MovableClock = {
    now: () => Math.floor(zero + elapsed()),
    set(to) {
      zero = to - elapsed()
    },
    advance(by) {
      zero += by
    },
    reach(moment) {
      if (moment > clock.now()) clock.set(moment)
    },
  }
  return clock
}
