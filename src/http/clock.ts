import { type Clock, timerLength } from '../core/clock.ts'
import { BadInput } from '../core/errors.ts'
import { decode } from './json.ts'

/** One timer's length at most, so that a laptop's sleep is noticed in a minute. */
const SLICE = 60_000

/**
 * The system's clock. A sleep ends when either the monotonic or the wall clock says so: no jump prolongs it.
 *
 * Once it follows another one it is that one's time as last read, plus what has passed since by the monotonic clock: what
 * this machine is set to no longer counts. A reading moves it only as far as it proves it wrong, so that the quickest
 * answer decides and slow ones do no harm.
 */
export const realClock = (): Clock => {
  /** Epoch ms at the zero of the monotonic clock; null = as this machine is set. */
  let zero: number | null = null
  const now = (): number => (zero === null ? Date.now() : Math.floor(zero + performance.now()))
  return {
    now,
    follow({ told, asked, answered }) {
      const least = told - answered
      const most = told + 1 - asked
      zero = zero === null ? (least + most) / 2 : Math.min(Math.max(zero, least), most)
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      const ends = { wall: now() + ms, monotonic: performance.now() + ms }
      const left = (): number => Math.min(ends.wall - now(), ends.monotonic - performance.now())
      while (left() > 0) await pause(Math.min(left(), SLICE), signal)
    },
  }
}

/**
 * The clock of the sandbox at `origin`: `now` is its time when last heard of, plus what has really passed since;
 * sleeping takes no time and moves it on for everybody. Several sleepers of a minute make one minute.
 */
export const sandboxClock = async (origin: string): Promise<Clock> => {
  let heard = { now: 0, at: 0 }
  const hear = async (signal?: AbortSignal, move?: { readonly until: number }): Promise<void> => {
    const answer = await fetch(`${origin}/sandbox/clock`, {
      ...(move && { method: 'POST', body: JSON.stringify(move) }),
      ...(signal && { signal }),
    })
    const { now } = decode(await answer.text()) as { now: number }
    heard = { now, at: performance.now() }
  }
  const now = (): number => Math.floor(heard.now + performance.now() - heard.at)
  await hear().catch(cause => {
    throw new BadInput(`No sandbox clock answers at ${origin}.`, { hint: 'Check SOCSYNC_CLOCK.', cause })
  })
  return {
    now,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      if (ms > 0) await hear(signal, { until: Math.ceil(now() + ms) })
    },
  }
}

/** The clock of the sandbox at `origin`; null = the real one. */
export const openClock = async (origin: string | null): Promise<Clock> =>
  origin === null ? realClock() : sandboxClock(origin)

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, timerLength(ms))
    signal?.addEventListener('abort', abort, { once: true })
  })
