import cliProgress from 'cli-progress'
import type { EngineEvent } from '../core/events.ts'
import type { Redactor } from '../http/redact.ts'
import { type Flags, isOn } from './flags.ts'
import { openLog } from './log.ts'
import { duration, number } from './show/text.ts'

/** Shows a run while it goes on: bars on a terminal, JSON lines off it, both on stderr. */
export interface RunWatch extends Disposable {
  emit(event: EngineEvent): void
  /** `runId` null = it is no run's work. */
  planned(runId: number | null, jobs: ReadonlyMap<string, number>): void
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
    planned: (runId, jobs) => {
      if (runId !== null) log.begin(runId)
      bars?.begin(jobs)
    },
    done: () => bars?.end(),
    [Symbol.dispose]: () => bars?.end(),
  }
}

interface Tally {
  readonly bar: cliProgress.SingleBar
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
    const left = value > 0 ? ((Date.now() - began) / value) * (total - value) : null
    tally.bar.increment(done, {
      items: number(tally.items),
      calls: number(tally.calls),
      rate,
      eta_text: left === null ? '…' : `${duration(left)} left`,
      waiting: tally.waiting,
    })
  }
  return {
    begin: (jobs: ReadonlyMap<string, number>): void => {
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
