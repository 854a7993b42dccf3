import { parentPort, workerData } from 'node:worker_threads'
import { openToolbox } from '../app/open-toolbox.ts'
import { work } from '../app/orders.ts'
import { SocsyncError } from '../core/errors.ts'
import type { EngineEvent } from '../core/events.ts'
import { Redactor } from '../http/redact.ts'
import { networks } from '../networks/registry.ts'
import type { FromThread, ThreadTask, ToThread } from './thread-messages.ts'

/** A run in a thread of its own: its own connection, its own calls; it speaks by messages alone. */

const { order, flags, sandbox } = workerData as ThreadTask

/** Events are handed over in bundles: at 500 pages a second each of its own would cost both sides. */
const BUNDLE_MS = 50

const send = (message: FromThread): void => parentPort?.postMessage(message)

let bundle: EngineEvent[] = []
const flush = (): void => {
  if (bundle.length > 0) send({ is: 'events', events: bundle })
  bundle = []
}

const stop = new AbortController()
const kill = new AbortController()
parentPort?.on('message', (message: ToThread) => (message === 'stop' ? stop : kill).abort(new Error(message)))

const redactor = new Redactor()
const timer = setInterval(flush, BUNDLE_MS)
try {
  await using box = await openToolbox({ flags, env: process.env, networks, redactor, sandbox })
  const { settings } = box
  const outcome = await work(
    order,
    {
      db: settings.db,
      networks,
      concurrency: settings.concurrency,
      maxWaitMs: settings.maxWait ?? 60_000,
      budget: settings.budget,
      keepRaw: settings.raw === 'pages',
      emit: event => bundle.push(event),
      stop: stop.signal,
      kill: kill.signal,
    },
    box,
  )
  flush()
  send({ is: 'ended', whole: outcome === null || !outcome.interrupted })
} catch (error) {
  flush()
  const known = error instanceof SocsyncError
  const shown = redactor.error(error)
  send({
    is: 'failed',
    known,
    errorType: known ? error.name : 'bug',
    message: known ? shown.message : (shown.stack ?? shown.message),
  })
} finally {
  clearInterval(timer)
  parentPort?.close()
}
