import { parentPort, workerData } from 'node:worker_threads'
import type { Settings } from '../app/config/settings.ts'
import { openToolbox } from '../app/open-toolbox.ts'
import { type Order, work } from '../app/run/run-queue.ts'
import type { Toolbox } from '../app/toolbox.ts'
import { runTransforms } from '../app/transform.ts'
import { SocsyncError } from '../core/errors.ts'
import type { EngineEvent } from '../core/events.ts'
import { Redactor } from '../http/redact.ts'
import { networks } from '../networks/registry.ts'
import type { FromThread, ThreadEnd, ThreadTask, ToThread } from './thread-messages.ts'

/** A run or a transform in a thread of its own: its own connection, its own calls; it speaks by messages alone. */

const { work: given, flags, sandbox } = workerData as ThreadTask

/** Events are handed over in bundles: at 500 pages a second each of its own would cost both sides. */
const BUNDLE_MS = 50

const send = (message: FromThread): void => parentPort?.postMessage(message)

let bundle: EngineEvent[] = []
const flush = (): void => {
  if (bundle.length > 0) send({ type: 'events', events: bundle })
  bundle = []
}

const stop = new AbortController()
const kill = new AbortController()
parentPort?.on('message', (message: ToThread) => (message === 'stop' ? stop : kill).abort(new Error(message)))

type Box = Toolbox & { readonly settings: Settings }

const emit = (event: EngineEvent): void => void bundle.push(event)
const signals = { stop: stop.signal, kill: kill.signal }

const runOrder = async (order: Order, box: Box): Promise<ThreadEnd> => {
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
      purpose: 'server',
      emit,
      ...signals,
    },
    box,
  )
  return { type: 'ended', whole: outcome === null || !outcome.interrupted, stops: [] }
}

/** Answers are waited for as long as it takes: the server is there anyway. */
const runTransform = async (transform: string, box: Box): Promise<ThreadEnd> => {
  const { db, concurrency } = box.settings
  const request = {
    db,
    names: [transform],
    concurrency,
    maxWaitMs: Number.POSITIVE_INFINITY,
    emit,
    ...signals,
  }
  const { stops } = await runTransforms(request, box)
  return { type: 'ended', whole: !stop.signal.aborted, stops }
}

const redactor = new Redactor()
const timer = setInterval(flush, BUNDLE_MS)
try {
  await using box = await openToolbox({
    ...{ flags, env: process.env, networks, redactor, sandbox },
    keyMade: file => send({ type: 'key-made', file }),
  })
  const end = await (given.type === 'run' ? runOrder(given.order, box) : runTransform(given.transform, box))
  flush()
  send(end)
} catch (error) {
  flush()
  const known = error instanceof SocsyncError
  const shown = redactor.error(error)
  send({
    type: 'failed',
    known,
    errorType: known ? error.name : 'bug',
    message: known ? shown.message : (shown.stack ?? shown.message),
  })
} finally {
  clearInterval(timer)
  parentPort?.close()
}
