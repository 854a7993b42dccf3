import { parentPort, workerData } from 'node:worker_threads'
import type { Settings } from '../app/config/settings.ts'
import { openToolbox } from '../app/open-toolbox.ts'
import { planOrder } from '../app/plan.ts'
import { diffStored } from '../app/reports/diff.ts'
import { needsNow } from '../app/reports/needs.ts'
import { browseProfiles } from '../app/reports/profiles.ts'
import type { Toolbox } from '../app/toolbox.ts'
import { NoCredential, SocsyncError } from '../core/errors.ts'
import { Redactor } from '../http/redact.ts'
import { networks } from '../networks/registry.ts'
import type {
  FromQuestionThread,
  QuestionKind,
  Questions,
  QuestionThreadTask,
  Refusal,
  ToQuestionThread,
} from './question-messages.ts'

/** What has to read much of the database, in a thread of its own: whatever it takes, the server answers others meanwhile. */

const task = workerData as QuestionThreadTask

type Box = Toolbox & { readonly settings: Settings }

const ANSWERS: {
  readonly [Kind in QuestionKind]: (
    asked: Questions[Kind]['asked'],
    box: Box,
  ) => Promise<Questions[Kind]['answer']>
} = {
  plan: (order, box) => {
    const { db, concurrency } = box.settings
    return planOrder(order, { db, networks, concurrency }, box)
  },
  profiles: (asked, { settings: { db } }) => browseProfiles({ ...asked, db }),
  changes: ({ of, limit }, { settings: { db } }) => diffStored({ ...of, db, networks }, limit),
  needs: ({ now }, box) => needsNow(box.settings.db, now, name => namesOf(name, box)),
}

/** The names of a network's credentials; none where it has none. */
const namesOf = (name: string, box: Box): readonly string[] => {
  const network = networks.find(known => known.name === name)
  try {
    return network === undefined ? [] : box.credentials(network).map(credential => credential.name)
  } catch (error) {
    if (error instanceof NoCredential) return []
    throw error
  }
}

const redactor = new Redactor()
let opened: Promise<Box> | null = null
/** Opened by the first question; one that could not be opened is tried again by the next. */
const openBox = (): Promise<Box> => {
  opened ??= openToolbox({ ...task, env: process.env, networks, redactor }).catch((error: unknown) => {
    opened = null
    throw error
  })
  return opened
}

const refusalOf = (error: unknown): Refusal => {
  const shown = redactor.error(error)
  if (!(error instanceof SocsyncError))
    return { name: 'bug', message: shown.stack ?? shown.message, hint: null, exitCode: null }
  const { name, hint, exitCode } = error
  return { name, message: shown.message, hint, exitCode }
}

const answer = async ({ id, kind, asked }: ToQuestionThread): Promise<FromQuestionThread> => {
  try {
    return { id, answer: await ANSWERS[kind](asked as never, await openBox()) }
  } catch (error) {
    return { id, refusal: refusalOf(error) }
  }
}

parentPort?.on('message', async (message: ToQuestionThread) => parentPort?.postMessage(await answer(message)))
