import { pick, unit } from '../../networks/seeded.ts'

/** An element as it was submitted. `element` tells it from all others of the service. */
export interface Work {
  readonly element: string
  readonly type: 'text' | 'image'
  readonly input: string
}

export interface Job {
  readonly id: string
  readonly key: string
  readonly work: Work
  /** Epoch milliseconds by the sandbox's clock. */
  readonly begunAt: number
  readonly latencyMs: number
  /** Why it will fail; null = it will not. */
  readonly failure: string | null
  /** Whether the service will forget it on the way. */
  readonly isLost: boolean
  polls: number
}

interface State {
  readonly job_id: string
  readonly status: 'pending' | 'processing' | 'done' | 'failed'
  readonly result?: object
  readonly error?: string
}

/** What the service says of a job at a moment: the first tenth of its time it waits. */
export const stateOf = ({ id, work, begunAt, latencyMs, failure }: Job, now: number): State => {
  const passed = now - begunAt
  if (passed < latencyMs / 10) return { job_id: id, status: 'pending' }
  if (passed < latencyMs) return { job_id: id, status: 'processing' }
  if (failure !== null) return { job_id: id, status: 'failed', error: failure }
  return { job_id: id, status: 'done', result: resultOf(work) }
}

/** A JSON object from a text, or null. */
export const asObject = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

const BRIGHT = /\b(morning|light|garden|summer|song|sun|friend|home|together|new|🌊)\b/giu
const DARK = /\b(rain|night|cold|winter|slowly|almost|closed|never|small|quiet)\b/giu

/** The same input has the same result: words that are counted, or things that an invented eye sees. */
const resultOf = ({ type, input }: Work): object => {
  if (type === 'image') {
    const at = input.split('?', 1)[0] ?? ''
    return { labels: [{ name: pick(THINGS, at), score: Math.round(unit(at) * 100) / 100 }] }
  }
  const words = input.split(/\s+/u).filter(word => word !== '').length
  const balance = [...input.matchAll(BRIGHT)].length - [...input.matchAll(DARK)].length
  return { words, mood: balance > 0 ? 'bright' : balance < 0 ? 'dark' : 'even' }
}

const THINGS = ['bread', 'harbour', 'street', 'river', 'table', 'window', 'coffee', 'train'] as const
