import type { EngineEvent } from '../core/events.ts'

/** Something that happened in a run, in the words of the log. */
export interface BufferedEvent {
  /** Counted from 1 in each run. */
  readonly number: number
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/** How far a run has come since its thread began. */
export interface Tally {
  pages: number
  calls: number
  readonly items: Record<string, number>
}

/** Events that a client may have missed and can still be told. */
const KEPT = 1_000

/** What a person wants to be told at once; pages and calls are only counted. */
const TOLD: ReadonlySet<EngineEvent['event']> = new Set([
  'call.failed',
  'walk.restarted',
  'job.ended',
  'lane.waiting',
  'lane.stopped',
  'identity.changed',
])

/** The last events of one run, for as many readers as there are, each at a place of its own. */
export class EventBuffer {
  readonly tally: Tally = { pages: 0, calls: 0, items: {} }
  #kept: BufferedEvent[] = []
  #last = 0
  #ended = false
  #bell: PromiseWithResolvers<void> = Promise.withResolvers()

  /** The number of the newest event; 0 = there was none. */
  get last(): number {
    return this.#last
  }

  get ended(): boolean {
    return this.#ended
  }

  add(event: EngineEvent): void {
    if (event.event === 'page.committed') {
      this.tally.pages++
      this.tally.items[event.kind] = (this.tally.items[event.kind] ?? 0) + event.items
    }
    if (event.event === 'call.sent') this.tally.calls++
    if (!TOLD.has(event.event)) return
    this.#kept.push({ number: ++this.#last, name: event.event, data: wordsOf(event) })
    if (this.#kept.length > KEPT) this.#kept = this.#kept.slice(-KEPT / 2)
    this.#ring()
  }

  end(): void {
    this.#ended = true
    this.#ring()
  }

  /** What came after a number; null = some of it is forgotten. */
  after(number: number): readonly BufferedEvent[] | null {
    const [first] = this.#kept
    if (number > this.#last || (first !== undefined && number < first.number - 1)) return null
    return this.#kept.filter(event => event.number > number)
  }

  /** Resolves when something happens. */
  get change(): Promise<void> {
    return this.#bell.promise
  }

  #ring(): void {
    this.#bell.resolve()
    this.#bell = Promise.withResolvers()
  }
}

const IDS = new Set(['jobId', 'walkId'])

const wordsOf = (event: EngineEvent): Record<string, unknown> => {
  const { event: _name, ...rest } = event
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => {
      if (name === 'fault' && typeof value === 'object' && value !== null && 'kind' in value)
        return ['error_type', value.kind]
      const word = name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
      return [word, IDS.has(name) ? String(value) : value]
    }),
  )
}
