import type { Emit } from '../core/events.ts'
import type { Committed, Ending, Walk } from '../core/ports.ts'

/** Tells of a walk that begins, or begins anew. */
export const tell = (
  emit: Emit,
  event: 'walk.started' | 'walk.restarted',
  walk: Walk,
  message = '',
): void => {
  const { id: walkId, network, jobId, stream, kind } = walk
  emit(
    event === 'walk.started'
      ? { event, network, walkId, jobId, stream, kind }
      : { event, network, walkId, jobId, stream, message },
  )
}

/** Tells of a page that is stored, and of the walk's end where it was the last. */
export const tellCommitted = (emit: Emit, walk: Walk, committed: Committed, durationMs: number): void => {
  const { id: walkId, network, jobId, stream, kind } = walk
  emit({
    event: 'page.committed',
    network,
    walkId,
    jobId,
    stream,
    kind,
    items: committed.items,
    durationMs,
    commitMs: committed.commitMs,
  })
  for (const change of committed.identityChanges) emit({ event: 'identity.changed', network, ...change })
  const { verdict } = committed
  if (!verdict.goOn) tellWalkEnded(emit, walk, { ...verdict, errorType: null, message: null })
}

/** Tells how a walk ended. */
export const tellWalkEnded = (emit: Emit, walk: Walk, ending: Ending): void => {
  const { id: walkId, network, jobId, stream, kind } = walk
  emit({ event: 'walk.ended', network, walkId, jobId, stream, kind, ...ending })
}

/** What is said of a walk whose stream answers nothing in this run. */
export const UNANSWERED = {
  errorType: 'unreachable',
  message: 'nothing of this kind was answered; all else was',
  until: null,
}
