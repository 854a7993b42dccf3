import type { Fault } from './fault.ts'
import type { Reason, Status, TaskKind } from './task.ts'
import type { TransformStatus } from './transform.ts'

/** What the engine tells while it works. It does not log: the CLI draws these, the log writes them, tests collect them. */
export type EngineEvent =
  | {
      readonly event: 'walk.started'
      readonly network: string
      readonly walkId: number
      readonly jobId: number
      readonly stream: string
      readonly kind: TaskKind
    }
  | {
      readonly event: 'page.committed'
      readonly network: string
      readonly walkId: number
      readonly jobId: number
      readonly stream: string
      readonly kind: TaskKind
      readonly items: number
      readonly durationMs: number
    }
  | {
      readonly event: 'call.sent'
      readonly network: string
      readonly pool: string
      readonly units: number
      readonly attempt: number
    }
  | {
      readonly event: 'call.failed'
      readonly network: string
      readonly fault: Fault
      readonly message: string
      readonly attempt: number
      readonly waitMs: number | null
    }
  | {
      readonly event: 'walk.restarted'
      readonly network: string
      readonly walkId: number
      readonly jobId: number
      readonly stream: string
      readonly message: string
    }
  | {
      readonly event: 'walk.ended'
      readonly network: string
      readonly walkId: number
      readonly jobId: number
      readonly stream: string
      readonly kind: TaskKind
      readonly status: Status
      readonly reason: Reason | null
      readonly errorType: string | null
      readonly message: string | null
    }
  | {
      readonly event: 'job.ended'
      readonly network: string
      readonly jobId: number
      readonly entityId: string
      readonly status: Status
      readonly errorType: string | null
    }
  | {
      readonly event: 'lane.waiting'
      readonly network: string
      readonly credential: string
      readonly pool: string
      readonly until: number
      readonly why: string
    }
  | {
      readonly event: 'lane.stopped'
      readonly network: string
      readonly credential: string
      readonly errorType: string
      readonly message: string
      readonly until: number | null
    }
  | {
      readonly event: 'element.ended'
      /** The transform's lane: `transform:sentiment`. */
      readonly network: string
      /** `instagram post 123` */
      readonly element: string
      readonly status: TransformStatus
      readonly errorType: string | null
      readonly message: string | null
    }
  | {
      readonly event: 'identity.changed'
      readonly network: string
      readonly jobId: number
      readonly entityId: string
      readonly from: string
      readonly to: string
    }

export type Emit = (event: EngineEvent) => void
