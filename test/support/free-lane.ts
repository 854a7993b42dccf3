import type { Caller, Widths } from '../../src/core/stream.ts'
import { Lane } from '../../src/engine/lane.ts'

/** A lane whose calls cost nothing, whose clock stands still, and which waits for no limit. */
export const freeLane = <Of extends Caller>(source: Of, concurrency: Widths): Lane<Of> =>
  new Lane({
    runId: null,
    source,
    concurrency,
    ledger: {
      charge: async () => null,
      turn: async () => 0,
      takeBack: async () => {},
      exhaust: async () => {},
      machines: null,
    },
    clock: { now: () => 0, sleep: async () => {} },
    emit: () => {},
    maxWaitMs: 0,
    random: () => 0,
  })
