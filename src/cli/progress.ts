import type { Settings } from '../app/config/settings.ts'
import type { Expected } from '../app/run/expected.ts'
import type { EngineEvent } from '../core/events.ts'
import type { Redactor } from '../http/redact.ts'
import { type Flags, isOn } from './flags.ts'
import { openLog } from './log.ts'
import { Screen } from './screen.ts'
import { drawn } from './show/bars.ts'
import { type Counted, type Look, Tally } from './tally.ts'

/** Shows a run while it goes on, on stderr: bars on a terminal, lines off it. */
export interface RunWatch extends Disposable {
  emit(event: EngineEvent): void
  /** `runId` null = it is no run's work. */
  planned(
    runId: number | null,
    jobs: ReadonlyMap<string, number>,
    expected?: ReadonlyMap<string, Expected>,
    traceId?: string,
  ): void
  /** Whether bars are drawn, which tell how long it will take. */
  readonly drawn: boolean
  /** Writes to stderr, above the bars where there are some. */
  say(text: string): void
  /** `interrupted`: somebody stopped it. Left out, it did not come to its end. */
  done(how?: { readonly interrupted: boolean }): void
}

interface WatchOptions {
  readonly flags: Flags
  readonly settings: Pick<Settings, 'logFormat' | 'logFile'>
  readonly redactor: Redactor
  /** Epoch ms of the run's clock, which waits and days are told by. */
  now(): number
  readonly counted?: Counted
}

const PROFILES: Counted = { many: 'profiles', records: true }
const MINUTE_MS = 60_000

/** BadInput where the log file cannot be written. */
export const watchRun = ({ flags, settings, redactor, now, counted = PROFILES }: WatchOptions): RunWatch => {
  const { logFormat, logFile } = settings
  const quiet = isOn(flags, 'quiet')
  // Lines that are asked for by their form, and have no file, are in the place of bars.
  const draws = process.stderr.isTTY === true && !quiet && (logFormat === null || logFile !== null)
  const tallies = new Map<string, Tally>()
  const log = openLog({
    format: logFormat ?? 'text',
    file: logFile,
    quiet: logFile === null && (quiet || draws),
    verbose: isOn(flags, 'verbose'),
    redactor,
    place: network => tallies.get(network) ?? null,
  })
  let began = performance.now()
  let end: Look['end'] = null
  const look = (): Look => ({ now: now(), elapsed: performance.now() - began, end })
  let screen: Screen | null = null
  const colour = flags.color !== false && !process.env.NO_COLOR
  const eachMinute = setInterval(() => log.minute([...tallies.values()], look()), MINUTE_MS).unref()
  const stop = (how: NonNullable<Look['end']>): void => {
    clearInterval(eachMinute)
    end ??= how
    screen?.end()
    log.close()
  }
  return {
    emit: event => {
      tallies.get(event.network)?.take(event)
      log.write(event)
    },
    planned: (runId, jobs, expected = new Map(), traceId = '') => {
      if (runId !== null) log.begin(runId, traceId)
      began = performance.now()
      for (const [network, count] of jobs)
        tallies.set(network, new Tally(network, count, counted, expected.get(network) ?? null))
      if (draws)
        screen = new Screen(process.stderr, columns =>
          [...tallies.values()].flatMap(tally => drawn(tally, look(), columns, colour)),
        )
    },
    drawn: draws,
    say: text => {
      if (screen === null) process.stderr.write(text)
      else screen.say(text)
    },
    done: ({ interrupted } = { interrupted: true }) => stop(interrupted ? 'interrupted' : 'done'),
    [Symbol.dispose]: () => stop('interrupted'),
  }
}
