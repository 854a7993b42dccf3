import type { Plan } from '../app/plan.ts'
import type { Diff, DiffRequest } from '../app/reports/diff.ts'
import type { Need } from '../app/reports/needs.ts'
import type { ProfilesRequest } from '../app/reports/profiles.ts'
import type { RunOrder } from '../app/run/run-queue.ts'
import type { ProfileLines } from '../store/reports/profile-lines.ts'
import type { ThreadTask } from './thread-messages.ts'

/** What can be asked of the thread that reads: by the kind of a question what it is given, and what comes back. */
export interface Questions {
  plan: { readonly asked: RunOrder; readonly answer: Plan }
  profiles: { readonly asked: Omit<ProfilesRequest, 'db'>; readonly answer: ProfileLines }
  /** `limit` of each kind of change. */
  changes: {
    readonly asked: { readonly of: Omit<DiffRequest, 'db' | 'networks'>; readonly limit: number }
    readonly answer: Diff
  }
  /** At a moment, epoch ms. */
  needs: { readonly asked: { readonly now: number }; readonly answer: readonly Need[] }
}

export type QuestionKind = keyof Questions

/** What that thread is given at its beginning. */
export type QuestionThreadTask = Omit<ThreadTask, 'work'>

export interface ToQuestionThread {
  readonly id: number
  readonly kind: QuestionKind
  readonly asked: Questions[QuestionKind]['asked']
}

/** An answer, or what was refused; an error keeps neither its class nor its fields on the way between threads. */
export type FromQuestionThread =
  | { readonly id: number; readonly answer: Questions[QuestionKind]['answer'] }
  | { readonly id: number; readonly refusal: Refusal }

export interface Refusal {
  readonly name: string
  readonly message: string
  readonly hint: string | null
  /** Null = a bug, and no error of ours. */
  readonly exitCode: number | null
}
