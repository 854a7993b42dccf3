import type { Ended, Walk } from '../core/ports.ts'
import { NO_SPAN, type Span, within } from '../core/span.ts'

interface OpenJob {
  readonly span: Span
  /** Walks of it that are being read. */
  walks: number
  /** It has ended; its span does with the last of them. */
  isOver: boolean
}

/** The spans of a run's jobs: each from the first walk that this process reads of it until it has ended, or the run has. */
export class JobSpans {
  readonly #run: Span
  readonly #open = new Map<number, OpenJob>()

  constructor(run: Span) {
    this.#run = run
  }

  /** Reads a walk in a span below its job's; of a walk that several share, below the first one's. */
  async walk(walk: Walk, read: (span: Span) => Promise<void>): Promise<void> {
    if (this.#run === NO_SPAN) return read(NO_SPAN)
    const { id, jobId, network, stream, kind } = walk
    const job = this.#jobOf(jobId, network)
    job.walks++
    try {
      await within(job.span, 'walk', () => ({ network, stream, kind, walk_id: id, job_id: jobId }), read)
    } finally {
      job.walks--
      this.#endIfOver(jobId, job)
    }
  }

  ended({ jobs }: Ended): void {
    for (const { id, entityId, status, errorType } of jobs) {
      const job = this.#open.get(id)
      if (job === undefined) continue
      job.span.set(() => ({
        entity_id: entityId,
        status,
        ...(errorType !== null && { error_type: errorType }),
      }))
      job.isOver = true
      this.#endIfOver(id, job)
    }
  }

  /** What is left for another run, or another process, ends here without a status. */
  close(): void {
    for (const { span } of this.#open.values()) span.end()
    this.#open.clear()
  }

  #jobOf(id: number, network: string): OpenJob {
    const known = this.#open.get(id)
    if (known !== undefined) return known
    const span = this.#run.begin('job', () => ({ network, job_id: id }))
    const job = { span, walks: 0, isOver: false }
    this.#open.set(id, job)
    return job
  }

  #endIfOver(id: number, job: OpenJob): void {
    if (!job.isOver || job.walks > 0) return
    job.span.end()
    this.#open.delete(id)
  }
}
