/** What a span is about (docs/telemetry.md): a call is one attempt, a commit the transaction of one page. */
export type SpanName = 'run' | 'job' | 'walk' | 'page' | 'call' | 'commit'

/** Counters and words, never a payload, never a secret. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A piece of work as whoever traces sees it. What it is about is only asked for where somebody records. */
export interface Span {
  begin(name: SpanName, attributes: () => SpanAttributes): Span
  set(attributes: () => SpanAttributes): void
  /** Does `work` as part of it: spans that others begin meanwhile lie below it. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** `error` = why it came to nothing; left out = it did not fail. */
  end(error?: unknown): void
}

/** Nobody records: nothing is made. */
export const NO_SPAN: Span = {
  begin: () => NO_SPAN,
  set: () => {},
  during: work => work(),
  end: () => {},
}

/** A span below `parent` for as long as `work` takes; one that fails says why. */
export const within = async <T>(
  parent: Span,
  name: SpanName,
  attributes: () => SpanAttributes,
  work: (span: Span) => Promise<T>,
): Promise<T> => {
  if (parent === NO_SPAN) return work(NO_SPAN)
  const span = parent.begin(name, attributes)
  try {
    const done = await span.during(() => work(span))
    span.end()
    return done
  } catch (error) {
    span.end(error)
    throw error
  }
}
