import cliProgress from 'cli-progress'
import type { EngineEvent } from '../core/events.ts'
import type { Range } from '../core/price.ts'
import type { Redactor } from '../http/redact.ts'
import { type Flags, isOn } from './flags.ts'
import { openLog } from './log.ts'
import { duration, number } from './show/text.ts'

/** Shows a run while it goes on: bars on a terminal, JSON lines off it, both on stderr. */
export interface RunWatch extends Disposable {
  emit(event: EngineEvent): void
  /** `runId` null = it is no run's work; `calls` = how many are expected, where that can be said. */
  planned(
    runId: number | null,
    jobs: ReadonlyMap<string, number>,
    calls?: ReadonlyMap<string, Range>,
    traceId?: string,
  ): void
  /** Whether bars are drawn, which tell how long it will take. */
  readonly drawn: boolean
  done(): void
}

/** `what` = what each bar counts, after its numbers. */
export const watchRun = (flags: Flags, redactor: Redactor, what = 'profiles · {items} records'): RunWatch => {
  const log = openLog({
    quiet: isOn(flags, 'quiet') || process.stderr.isTTY === true,
    verbose: isOn(flags, 'verbose'),
    redactor,
  })
  const bars =
    process.stderr.isTTY === true && !isOn(flags, 'quiet') ? drawBars(flags.color !== false, what) : null
  return {
    emit: event => {
      log.write(event)
      bars?.draw(event)
    },
    planned: (runId, jobs, calls = new Map(), traceId = '') => {
      if (runId !== null) log.begin(runId, traceId)
      bars?.begin(jobs, calls)
    },
    drawn: bars !== null,
    done: () => bars?.end(),
    [Symbol.dispose]: () => bars?.end(),
  }
}

/** An estimate that is off by more than half says less than the profiles that are done. */
const expectedOf = (calls: Range | undefined): number | null =>
  calls === undefined || calls.low * 2 < calls.likely || calls.high > calls.likely * 1.5 ? null : calls.likely

/** Milliseconds that a network still takes: by calls where they were estimated and not passed, else by profiles; null = not known. */
const timeLeft = (
  elapsed: number,
  {
    calls,
    expected,
    value,
    total,
  }: Pick<Tally, 'calls' | 'expected'> & { readonly value: number; readonly total: number },
): number | null => {
  if (expected !== null && calls > 0 && calls <= expected) return (elapsed / calls) * (expected - calls)
  return value > 0 ? (elapsed / value) * (total - value) : null
}

interface Tally {
  readonly bar: cliProgress.SingleBar
  /** How many calls it is to take; null = too little is known to say. */
  readonly expected: number | null
  items: number
  calls: number
  failed: number
  waiting: string
}

/** One bar for each network or transform: what is done, what came, calls and their rate. */
const drawBars = (colour: boolean, what: string) => {
  const began = Date.now()
  const multi = new cliProgress.MultiBar(
    {
      stream: process.stderr,
      format: `${colour && !process.env.NO_COLOR ? '\u001b[36m{bar}\u001b[0m' : '{bar}'} {network} {value}/{total} ${what} · {calls} calls, {rate}/s · {eta_text}{waiting}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: false,
      fps: 5,
    },
    cliProgress.Presets.shades_classic,
  )
  const tallies = new Map<string, Tally>()
  let ended = false
  const show = (tally: Tally, done = 0): void => {
    const seconds = (Date.now() - began) / 1000
    const rate = (tally.calls / Math.max(seconds, 0.1)).toFixed(1)
    const { value, total } = {
      value: tally.bar.getProgress() * tally.bar.getTotal(),
      total: tally.bar.getTotal(),
    }
    const left = timeLeft(Date.now() - began, { ...tally, value, total })
    tally.bar.increment(done, {
      items: number(tally.items),
      calls: number(tally.calls),
      rate,
      eta_text: left === null ? '…' : `${duration(left)} left`,
      waiting: tally.waiting,
    })
  }
  return {
    begin: (jobs: ReadonlyMap<string, number>, calls: ReadonlyMap<string, Range>): void => {
      for (const [network, count] of jobs) {
        const start = {
          network: network.padEnd(9),
          items: '0',
          calls: '0',
          rate: '0.0',
          eta_text: '…',
          waiting: '',
        }
        tallies.set(network, {
          bar: multi.create(count, 0, start),
          expected: expectedOf(calls.get(network)),
          items: 0,
          calls: 0,
          failed: 0,
          waiting: '',
        })
      }
    },
    draw: (event: EngineEvent): void => {
      const tally = tallies.get(event.network)
      if (tally === undefined || ended) return
      if (event.event === 'call.sent') tally.calls++
      if (event.event === 'page.committed') {
        tally.items += event.items
        tally.waiting = ''
      }
      if (event.event === 'lane.waiting')
        tally.waiting = ` · waiting for ${event.pool} ${duration(event.until - Date.now())}`
      if (event.event === 'lane.stopped') tally.waiting = ` · stopped: ${event.errorType}`
      show(tally, event.event === 'job.ended' || event.event === 'element.ended' ? 1 : 0)
    },
    end: (): void => {
      if (ended) return
      ended = true
      for (const { bar } of tallies.values()) bar.update({ eta_text: 'done' })
      multi.stop()
    },
  }
}
