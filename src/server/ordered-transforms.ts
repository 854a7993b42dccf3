import { transformHint } from '../app/reports/messages.ts'
import type { RunQueue } from '../app/run/run-queue.ts'
import type { TransformWork, TransformWorks } from './transform-runner.ts'

/** Transforms of a server's database: what is asked for here is done by `socsync worker`s. */
export class OrderedTransforms implements TransformWorks {
  readonly #queue: Pick<RunQueue, 'openTransforms' | 'placeTransform' | 'endTransform'>
  readonly #moved: () => void
  readonly #now: () => Promise<number>

  /** `moved` is told when something is asked for or cancelled; `now` = epoch ms by the clock of the runs. */
  constructor(
    queue: Pick<RunQueue, 'openTransforms' | 'placeTransform' | 'endTransform'>,
    moved: () => void,
    now: () => Promise<number>,
  ) {
    this.#queue = queue
    this.#moved = moved
    this.#now = now
  }

  async works(): Promise<ReadonlyMap<string, TransformWork>> {
    const orders = await this.#queue.openTransforms()
    const now = await this.#now()
    return new Map(
      orders.map(({ transform, stop }) => {
        const isWaiting = stop?.notBefore != null && Date.parse(stop.notBefore) > now
        const why = stop && { ...stop, hint: transformHint(stop.errorType) }
        return [transform, { state: isWaiting ? 'waiting' : 'working', stop: why }]
      }),
    )
  }

  async start(transform: string): Promise<void> {
    await this.#queue.placeTransform(transform)
    this.#moved()
  }

  async cancel(transform: string): Promise<boolean> {
    const wasOpen = await this.#queue.endTransform(transform)
    this.#moved()
    return wasOpen
  }

  /** They are the workers'. */
  add(): void {}
  async stop(): Promise<void> {}
  kill(): void {}
}
