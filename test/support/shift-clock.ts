/**
 * Sets the clock of a process by `SHIFT_MS` milliseconds: what `Date` says, and not the monotonic clock.
 * `NODE_OPTIONS="--import <this file>"`.
 */
const by = Number(process.env.SHIFT_MS ?? 0)
const Real = Date
class ShiftedDate extends Real {
  constructor(...args: [] | [number | string | Date]) {
    if (args.length === 0) super(Real.now() + by)
    else super(...args)
  }

  static override now(): number {
    return Real.now() + by
  }
}
if (by !== 0) globalThis.Date = ShiftedDate as DateConstructor
