/** Parts that a window is counted in: each leaves it as a whole. */
const PARTS = 60

/** The calls of the last so many milliseconds. */
class Window {
  readonly #part: number
  readonly #counts = new Map<number, number>()

  constructor(ms: number) {
    this.#part = ms / PARTS
  }

  add(now: number): void {
    const part = Math.floor(now / this.#part)
    this.#counts.set(part, (this.#counts.get(part) ?? 0) + 1)
  }

  used(now: number): number {
    const oldest = Math.floor(now / this.#part) - PARTS
    let used = 0
    for (const [part, count] of this.#counts) {
      if (part <= oldest) this.#counts.delete(part)
      else used += count
    }
    return used
  }

  /** When less than the allowance is used again, if nobody calls until then. */
  freeAt(now: number, allowance: number): number {
    let used = this.used(now)
    for (const [part, count] of this.#counts) {
      if (used < allowance) break
      used -= count
      if (used < allowance) return (part + PARTS + 1) * this.#part
    }
    return now
  }
}

/** What a call left of a pool: percent used, and minutes until it is open again (0 = it is open). */
export interface Usage {
  readonly percent: number
  readonly regainMinutes: number
  readonly full: boolean
}

/**
 * The pools of calls (docs/networks/instagram.md §9): `app` by the hour, `account:<id>` by the day. Every call counts, a
 * refused one too: so calling on lengthens the block.
 */
export class Pools {
  readonly #windows = new Map<string, Window>()

  charge(pool: string, now: number, allowance: number): Usage {
    let window = this.#windows.get(pool)
    if (window === undefined) {
      window = new Window(pool === 'app' ? 3_600_000 : 86_400_000)
      this.#windows.set(pool, window)
    }
    const full = window.used(now) >= allowance
    window.add(now)
    return {
      percent: Math.floor((100 * window.used(now)) / Math.max(1, allowance)),
      regainMinutes: full ? Math.ceil((window.freeAt(now, allowance) - now) / 60_000) : 0,
      full,
    }
  }

  /** Calls of each pool in its window. */
  used(now: number): readonly { readonly pool: string; readonly used: number }[] {
    return [...this.#windows].map(([pool, window]) => ({ pool, used: window.used(now) }))
  }
}

const figures = (percent: number) => ({
  call_count: percent,
  total_cputime: Math.ceil(percent / 4),
  total_time: Math.ceil(percent / 3),
})

/** `x-app-usage`, or for an account `x-business-use-case-usage` under the business's id and its own. */
export const usageHeader = (
  pool: string,
  { percent, regainMinutes }: Usage,
  businessId: string,
): Readonly<Record<string, string>> => {
  if (pool === 'app') return { 'x-app-usage': JSON.stringify(figures(percent)) }
  const entry = [{ type: 'instagram', ...figures(percent), estimated_time_to_regain_access: regainMinutes }]
  const account = pool.slice('account:'.length)
  return { 'x-business-use-case-usage': JSON.stringify({ [businessId]: entry, [account]: entry }) }
}
