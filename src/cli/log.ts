import { closeSync, openSync, writeSync } from 'node:fs'
import { type Level, type Logger, pino } from 'pino'
import { BadInput } from '../core/errors.ts'
import type { EngineEvent } from '../core/events.ts'
import type { Redactor } from '../http/redact.ts'
import { inOneLine } from './show/bars.ts'
import { counted, duration, number, printable } from './show/text.ts'
import type { Look, Tally } from './tally.ts'

export interface RunLog {
  begin(runId: number, traceId: string): void
  write(event: EngineEvent): void
  /** How far each network is, for people: told once a minute. */
  minute(tallies: readonly Tally[], look: Look): void
  close(): void
}

/** From which level an event is of interest: every call only with --verbose. */
const LEVELS: Readonly<Record<EngineEvent['event'], Level>> = {
  'walk.started': 'debug',
  'page.committed': 'debug',
  'call.sent': 'debug',
  'call.failed': 'warn',
  'walk.restarted': 'warn',
  'walk.ended': 'debug',
  'job.ended': 'info',
  'lane.waiting': 'warn',
  'lane.stopped': 'error',
  'element.ended': 'debug',
  'identity.changed': 'warn',
}

/** That a profile or a post is not to be had is an answer, not a failure. */
const ANSWERS: ReadonlySet<string> = new Set(['not-found', 'forbidden', 'unsupported'])

const levelOf = (event: EngineEvent): Level => {
  if (event.event === 'element.ended' && event.status === 'failed') return 'warn'
  return event.event === 'call.failed' && ANSWERS.has(event.fault.kind) ? 'debug' : LEVELS[event.event]
}

interface LogOptions {
  readonly quiet: boolean
  readonly verbose: boolean
  readonly redactor: Redactor
}

interface RunLogOptions extends LogOptions {
  /** Lines for people, or pino's. */
  readonly format: 'text' | 'json'
  /** Where they are added to; null = stderr. */
  readonly file: string | null
  /** How far a network is; null = it has no jobs. */
  place(network: string): Tally | null
}

const openLines = (level: Level | 'silent', write: (line: string) => void): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write })

const toStderr =
  (redactor: Redactor) =>
  (line: string): void =>
    void process.stderr.write(redactor.text(line))

/** What `serve` writes on stderr: requests by route with --verbose, else what went wrong and each run's end. */
export const openServerLog = ({ quiet, verbose, redactor }: LogOptions): Logger =>
  openLines(verbose ? 'debug' : quiet ? 'error' : 'info', toStderr(redactor))

/** Events as lines on stderr or in a file: never a payload, never a secret. BadInput where the file cannot be written. */
export const openLog = ({ format, file, quiet, verbose, redactor, place }: RunLogOptions): RunLog => {
  const sink = file === null ? null : openFile(file, redactor)
  const write = sink?.write ?? toStderr(redactor)
  let log = openLines(verbose ? 'debug' : quiet ? 'silent' : 'info', write)
  const say = (text: string): void => write(`${moment()} ${printable(text)}\n`)
  return {
    begin: (runId, traceId) => {
      log = log.child({ run_id: runId, trace_id: traceId })
      if (format === 'text' && log.isLevelEnabled('info')) say(`run ${runId} begins`)
    },
    write: event => {
      const level = levelOf(event)
      if (!log.isLevelEnabled(level)) return
      if (format === 'text') return say(textOf(event, place(event.network)))
      const message = 'message' in event && event.message !== null ? event.message : undefined
      log[level](fieldsOf(event), message)
    },
    minute: (tallies, look) => {
      if (format === 'json' || !log.isLevelEnabled('info')) return
      for (const tally of tallies) say(inOneLine(tally, look))
    },
    close: () => sink?.close(),
  }
}

/** What cannot be added to a log that is open is told once, and the run goes on. */
const openFile = (file: string, redactor: Redactor) => {
  let told = false
  let open: number | null = openForAppending(file)
  return {
    write: (line: string): void => {
      if (open === null) return
      try {
        writeSync(open, redactor.text(line))
      } catch (error) {
        if (!told) process.stderr.write(`socsync: ${file} cannot be written: ${codeOf(error)}\n`)
        told = true
      }
    },
    close: (): void => {
      if (open !== null) closeSync(open)
      open = null
    },
  }
}

const openForAppending = (file: string): number => {
  try {
    return openSync(file, 'a', 0o600)
  } catch (error) {
    throw new BadInput(`the log file ${file} cannot be written: ${codeOf(error)}`, {
      hint: '--log-file takes a file in a folder that is there',
      cause: error,
    })
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

/** By the clock on the wall: `2026-11-30 05:12:01 UTC`. */
const moment = (): string => `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** An event as a line for people. */
const textOf = (event: EngineEvent, tally: Tally | null): string => {
  const { network } = event
  switch (event.event) {
    case 'job.ended': {
      const why = event.errorType === null ? '' : ` (${event.errorType})`
      const place = tally === null ? '' : ` · ${number(tally.ended)} of ${number(tally.total)}`
      return `${network} ${event.entityId} ${event.status}${why}${place}`
    }
    case 'element.ended':
      return `${network} ${event.element} ${event.status}${because(event.message)}`
    case 'call.sent':
      return `${network} call: ${counted(event.units, 'unit')} of ${event.pool}${event.attempt > 1 ? `, try ${event.attempt}` : ''}`
    case 'call.failed': {
      const again = event.waitMs === null ? '' : `, again in ${duration(event.waitMs)}`
      return `${network} call failed: ${event.fault.kind}${because(event.message)}${again}`
    }
    case 'page.committed':
      return `${network} job ${event.jobId} ${event.stream}: ${counted(event.items, 'record')} in ${duration(event.durationMs)}`
    case 'walk.started':
      return `${network} job ${event.jobId} ${event.stream}: begins`
    case 'walk.ended': {
      const why = event.errorType ?? event.reason
      return `${network} job ${event.jobId} ${event.stream}: ${event.status}${why === null ? '' : ` (${why})`}${because(event.message)}`
    }
    case 'walk.restarted':
      return `${network} job ${event.jobId} ${event.stream}: read from its beginning again${because(event.message)}`
    case 'lane.waiting':
      return `${network} waits for ${event.pool}: ${event.why}`
    case 'lane.stopped':
      return `${network} stops: ${event.errorType}${because(event.message)}`
    case 'identity.changed':
      return `${network} ${event.entityId} is another profile now: ${event.from} was asked for, ${event.to} answers`
  }
}

const because = (message: string | null): string => (message === null || message === '' ? '' : `: ${message}`)

/** An event in the words of a log: `snake_case`. */
const fieldsOf = (event: EngineEvent): Record<string, unknown> => {
  const { event: step, ...rest } = event
  const fields: Record<string, unknown> = { step }
  for (const [name, value] of Object.entries(rest)) {
    if (name === 'message') continue
    if (name === 'fault') fields.error_type = (value as { kind: string }).kind
    else fields[name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)] = value
  }
  return fields
}
