import { type Level, type Logger, pino } from 'pino'
import type { EngineEvent } from '../core/events.ts'
import type { Redactor } from '../http/redact.ts'

export interface RunLog {
  begin(runId: number, traceId: string): void
  write(event: EngineEvent): void
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

const openLines = (level: Level | 'silent', redactor: Redactor): Logger => {
  const sink = { write: (line: string): void => void process.stderr.write(redactor.text(line)) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, sink)
}

/** What `serve` writes on stderr: requests by route with --verbose, else what went wrong and each run's end. */
export const openServerLog = ({ quiet, verbose, redactor }: LogOptions): Logger =>
  openLines(verbose ? 'debug' : quiet ? 'error' : 'info', redactor)

/** Events as JSON lines on stderr: never a payload, never a secret. */
export const openLog = (options: LogOptions): RunLog => {
  let log = openLines(options.verbose ? 'debug' : options.quiet ? 'silent' : 'info', options.redactor)
  return {
    begin: (runId, traceId) => {
      log = log.child({ run_id: runId, trace_id: traceId })
    },
    write: event => {
      const level = levelOf(event)
      if (!log.isLevelEnabled(level)) return
      const message = 'message' in event && event.message !== null ? event.message : undefined
      log[level](fieldsOf(event), message)
    },
  }
}

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
