import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { keyMadeText } from '../app/privacy/key.ts'
import { failureMessage } from '../app/run/failure.ts'
import type { EngineEvent } from '../core/events.ts'
import type { FromThread, ThreadEnd, ThreadTask, ToThread } from './thread-messages.ts'

/** What all threads of this server have in common. */
export interface ThreadOptions {
  readonly task: Omit<ThreadTask, 'work'>
  /** Where credentials come from: the server's own, and never a request. */
  readonly env: NodeJS.ProcessEnv
  /** Told of every event. */
  readonly heard: (event: EngineEvent) => void
  readonly log: { error(fields: object, message: string): void; info(fields: object, message: string): void }
}

/** Work that goes on in a thread. */
export interface Thread {
  /** How it ended, once its thread has gone. Never rejects. */
  readonly end: Promise<ThreadEnd>
  say(message: ToThread): void
}

/** Begins a piece of work in a thread of its own. */
export const openThread = (
  { task, env, log }: ThreadOptions,
  work: ThreadTask['work'],
  heard: (event: EngineEvent) => void,
): Thread => {
  const worker = new Worker(THREAD, {
    workerData: { ...task, work } satisfies ThreadTask,
    env,
    name: work.type === 'run' ? `run ${work.order.runId}` : `transform ${work.transform}`,
  })
  let end: ThreadEnd = { type: 'failed', errorType: 'bug', message: 'its thread ended', known: false }
  worker.on('message', (message: FromThread) => {
    if (message.type === 'events') for (const event of message.events) heard(event)
    else if (message.type === 'key-made') log.info({}, keyMadeText(message.file))
    else end = message
  })
  worker.on('error', error => {
    end = { type: 'failed', errorType: 'bug', message: error.stack ?? error.message, known: false }
  })
  return {
    end: new Promise(resolve => worker.once('exit', () => resolve(end))),
    say: message => worker.postMessage(message),
  }
}

/** Sources run unbuilt in a checkout, and built in a package. */
const THREAD = new URL(`./thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/** What a client may know of a failure: no path, no stack. */
export const failureOf = ({
  errorType,
}: Extract<ThreadEnd, { type: 'failed' }>): { readonly errorType: string; readonly message: string } => ({
  errorType,
  message: failureMessage(errorType),
})
