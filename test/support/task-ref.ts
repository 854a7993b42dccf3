import type { TaskRef } from '../../src/core/stream.ts'

/** A task of a profile, or of what `part` says, that nothing was read of yet. */
export const taskRef = (
  stream: Pick<TaskRef, 'kind'> & { readonly name: string },
  externalId: string,
  part: Partial<TaskRef> = {},
): TaskRef => ({
  stream: stream.name,
  kind: stream.kind,
  externalId,
  entityId: externalId,
  profileId: null,
  postId: null,
  declared: null,
  from: null,
  ...part,
})
