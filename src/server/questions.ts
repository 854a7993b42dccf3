import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { BadInput, NoCredential, SocsyncError } from '../core/errors.ts'
import type {
  FromQuestionThread,
  QuestionKind,
  Questions,
  QuestionThreadTask,
  Refusal,
  ToQuestionThread,
} from './question-messages.ts'

/** Asks a thread that reads, so that no answer, however much has to be read for it, keeps others waiting. */
export interface AskedThread {
  ask<Kind extends QuestionKind>(
    kind: Kind,
    asked: Questions[Kind]['asked'],
  ): Promise<Questions[Kind]['answer']>
  close(): Promise<void>
}

interface Open {
  readonly worker: Worker
  readonly waiting: Map<number, PromiseWithResolvers<never>>
}

/** Its thread begins with the first question, is there for all later ones, and is begun anew where it died. */
export const openQuestions = (
  task: QuestionThreadTask,
  env: NodeJS.ProcessEnv,
  name: string,
): AskedThread => {
  let open: Open | null = null
  let last = 0
  const begin = (): Open => {
    const waiting: Open['waiting'] = new Map()
    const worker = new Worker(THREAD, { workerData: task, env, name })
    // It holds nothing that must be saved: the process may end whenever it likes.
    worker.unref()
    worker.on('message', (message: FromQuestionThread) => {
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if ('answer' in message) asked?.resolve(message.answer as never)
      else asked?.reject(errorOf(message.refusal))
    })
    const died = (error: Error): void => {
      if (open?.worker === worker) open = null
      for (const asked of waiting.values()) asked.reject(error)
      waiting.clear()
    }
    worker.on('error', died)
    worker.on('exit', () => died(new Error('the thread that reads ended')))
    return { worker, waiting }
  }
  return {
    ask: (kind, asked) => {
      open ??= begin()
      const id = ++last
      const answer = Promise.withResolvers<never>()
      open.waiting.set(id, answer)
      open.worker.postMessage({ id, kind, asked } satisfies ToQuestionThread)
      return answer.promise
    },
    close: async () => void (await open?.worker.terminate()),
  }
}

/** Sources run unbuilt in a checkout, and built in a package. */
const THREAD = new URL(`./question-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/** The error that it was over there, as far as the error handler tells errors apart. */
const errorOf = ({ name, message, hint, exitCode }: Refusal): Error => {
  const told = hint === null ? {} : { hint }
  if (exitCode === null) return new Error(message)
  if (name === 'NoCredential') return new NoCredential(message, told)
  return exitCode === 2 ? new BadInput(message, told) : new SocsyncError(message, exitCode, told)
}
