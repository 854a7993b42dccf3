import { digits } from '../../../seeded.ts'
import { type Call, data, type Reply } from '../call.ts'
import { readMultipart } from '../wire/multipart.ts'
import { invalid, Refusal } from '../wire/reply.ts'
import { Body } from '../wire/request.ts'
import { readId } from '../world/ids.ts'
import { isUp, type Video } from '../world/videos.ts'
import { findComment, findVideo } from '../world/world.ts'

const MOST_IDS = 10_000
/** Seconds from the upload to `Completed`, unless a switch says otherwise. */
const WORK = 3

interface Task {
  readonly category: 'video' | 'comment'
  readonly ids: readonly string[]
  /** Epoch seconds. */
  readonly created: number
  readonly fails: boolean
}

/** Uploaded lists of ids, by task id. */
export class ComplianceTasks {
  readonly #tasks = new Map<string, Task>()

  /** Twenty digits: more than an int64 holds (docs/networks/tiktok.md §3.7). */
  add(task: Task): string {
    const id = digits(20, 'compliance', this.#tasks.size)
    this.#tasks.set(id, task)
    return id
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id)
  }
}

/** `/v2/research/validation_task/create/`: multipart `file_data`, one id a line, and `category`. */
export const createTask = (call: Call): Reply => {
  const parts = readMultipart(call.request)
  const category = parts?.get('category')?.trim()
  if (category !== 'video' && category !== 'comment') throw invalid('category must be video or comment')
  const ids = (parts?.get('file_data') ?? '').split(/[\s,]+/).filter(id => id !== '')
  if (ids.length === 0) throw badFile('file_data holds no ids')
  if (ids.length > MOST_IDS) throw badFile(`file_data holds more than ${MOST_IDS} ids`)
  const fails = call.knobs.take('compliance-fails', call.request) !== undefined
  return data({ task_id: call.tasks.add({ category, ids, created: call.now, fails }) })
}

/** `/v2/research/validation_task_status/get/` */
export const taskStatus = (call: Call): Reply => data({ task_status: statusOf(call, requireTask(call)) })

/** `/v2/research/validation_task/download/`: those of the ids that are still there, as a text file. */
export const downloadTask = (call: Call): Reply => {
  const task = requireTask(call)
  if (statusOf(call, task) !== 'Completed') throw invalid('the task is not completed')
  const isThere = THERE[task.category]
  const valid = task.ids.filter(text => {
    const id = readId(text)
    return id !== null && isThere(call, id)
  })
  return { kind: 'file', text: valid.map(id => `${id}\n`).join('') }
}

const badFile = (message: string): Refusal => new Refusal(400, 'invalid_file_upload', message)

const requireTask = ({ request, tasks }: Call): Task => {
  const id = Body.ofJson(request).get('task_id')
  const task = tasks.find(String(id ?? ''))
  if (task === undefined) throw invalid('task_id is unknown')
  return task
}

const statusOf = ({ knobs, now }: Call, task: Task): 'Processing' | 'Completed' | 'Failed' => {
  if (now - task.created < (knobs.number('compliance-seconds') ?? WORK)) return 'Processing'
  return task.fails ? 'Failed' : 'Completed'
}

const isPresent = ({ moment }: Call, video: Video): boolean =>
  isUp(video, moment.at) && video.creator.standing === 'open'

const THERE: Record<Task['category'], (call: Call, id: bigint) => boolean> = {
  video: (call, id) => {
    const video = findVideo(call.world, id)
    return video !== null && isPresent(call, video)
  },
  comment: (call, id) => {
    const comment = findComment(call.world, id, call.moment.at)
    return comment !== null && isPresent(call, comment.video)
  },
}
