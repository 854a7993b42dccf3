import { type Fault, FaultError } from '../../core/fault.ts'
import type { CallContext } from '../../core/stream.ts'
import { type Api, WELL_KNOWN } from './api.ts'

/** Not the network's answer, or none that it gave for good. */
const SILENT: ReadonlySet<Fault['kind']> = new Set(['transient', 'unreadable'])
const METHODS = ['channels', 'videos'] as const

/**
 * A sign of life: one unit, or two where the first method is what is sick. Throws the last fault where neither answers.
 */
export const showLife = async (api: Api, ctx: CallContext): Promise<void> => {
  let silence: FaultError | null = null
  for (const method of METHODS) {
    try {
      await api.list(ctx, method, () => ({ part: 'id', id: WELL_KNOWN[method] }), { tries: 1 })
      return
    } catch (error) {
      if (!(error instanceof FaultError)) throw error
      if (!SILENT.has(error.fault.kind)) return
      silence = error
    }
  }
  if (silence !== null) throw silence
}
