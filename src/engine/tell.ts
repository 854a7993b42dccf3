import type { Emit } from '../core/events.ts'
import type { Ending, Walk } from '../core/ports.ts'

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

/** Tells how a walk ended. */
export const tellWalkEnded = (emit: Emit, walk: Walk, ending: Ending): void => {
  const { id: walkId, network, jobId, stream, kind } = walk
  emit({ event: 'walk.ended', network, walkId, jobId, stream, kind, ...ending })
}
