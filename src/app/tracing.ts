import { randomBytes, randomUUID } from 'node:crypto'
import {
  type Context,
  context,
  isSpanContextValid,
  type Span as Recorded,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { FaultError } from '../core/fault.ts'
import { NO_SPAN, type Span, type SpanAttributes } from '../core/span.ts'

/** A trace id in the words of W3C and OpenTelemetry: 32 hexadecimal digits. */
export const newTraceId = (): string => randomUUID().replaceAll('-', '')

const tracer = trace.getTracer('socsync')

/**
 * The span of a run. `traceId` null = it is a new run: its trace is the one that this process is in, else a new one. A run that
 * was ordered has a trace already, which all who work on it share. Without an SDK in the process there is a trace id, and no span.
 */
const beginRunSpan = (traceId: string | null): { readonly span: Span; readonly traceId: string } => {
  const ordered = traceId === null ? null : traceId.replaceAll('-', '')
  const around = context.active()
  const parent =
    ordered === null || !/^(?!0{32})[\da-f]{32}$/.test(ordered)
      ? around
      : trace.setSpanContext(around, {
          traceId: ordered,
          // Whoever ordered it made no span: all that work on it lie below the same place.
          spanId:
            ordered.slice(0, 16) === '0'.repeat(16) ? randomBytes(8).toString('hex') : ordered.slice(0, 16),
          traceFlags: TraceFlags.SAMPLED,
          isRemote: true,
        })
  const span = tracer.startSpan('run', {}, parent)
  const told = span.spanContext()
  const id = traceId ?? (isSpanContextValid(told) ? told.traceId : newTraceId())
  return { traceId: id, span: span.isRecording() ? recorded(span, trace.setSpan(parent, span)) : NO_SPAN }
}

/** Works on a run within its span, {@link beginRunSpan}; what it throws is why the span failed. */
export const spanRun = async <T>(
  traceId: string | null,
  work: (begun: ReturnType<typeof beginRunSpan>) => Promise<T>,
): Promise<T> => {
  const begun = beginRunSpan(traceId)
  try {
    const done = await begun.span.during(() => work(begun))
    begun.span.end()
    return done
  } catch (error) {
    begun.span.end(error)
    throw error
  }
}

const recorded = (span: Recorded, here: Context): Span => ({
  begin: (name, attributes) => {
    const below = tracer.startSpan(name, {}, here)
    if (below.isRecording()) below.setAttributes(named(attributes()))
    return recorded(below, trace.setSpan(here, below))
  },
  set: attributes => {
    if (span.isRecording()) span.setAttributes(named(attributes()))
  },
  during: work => context.with(here, work),
  end: error => {
    if (error !== undefined) {
      const type =
        error instanceof FaultError ? error.fault.kind : error instanceof Error ? error.name : 'unknown'
      span.setAttribute('error.type', type)
      // The message of a fault holds no secret; nobody has looked at those of other errors.
      span.setStatus({
        code: SpanStatusCode.ERROR,
        ...(error instanceof FaultError && { message: error.message }),
      })
    }
    span.end()
  },
})

const named = (attributes: SpanAttributes): SpanAttributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`socsync.${name}`, value]))
