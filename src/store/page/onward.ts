import type { Instant } from '../../core/instant.ts'
import type { EndOptions, Walk } from '../../core/ports.ts'
import type { Tx } from '../database/database.ts'
import { knownProfile } from '../queue/entities.ts'
import { openStaleLookUp, openTask } from './open-task.ts'

/** Opens what can be read of known profiles although this walk could not be (docs/design.md §5.11). */
export const openOnward = async (tx: Tx, walk: Walk, options: EndOptions, at: Instant): Promise<void> => {
  for (const task of walk.tasks) {
    const known = await knownProfile(tx, { network: walk.network, entity_id: task.entityId })
    if (known === null) continue
    const owner = { ...task, profileId: known.profileId }
    // Of a rest it follows on the head.
    if (options.streamOf(walk.stream).lists === 'posts' && task.part === '')
      await openStaleLookUp(tx, { walk, options }, owner, walk.stream, at)
    for (const child of options.onward(owner, known.declared)) {
      const { stream, externalId, postId = null, declared = null, next } = child
      if (next === null) continue
      const place = { cursor: next === 'start' ? null : next, from: task.from, startedAt: at }
      await openTask(tx, { walk, options }, owner, { stream, externalId, postId, declared, ...place })
    }
  }
}
