import type { Params } from '../core/params.ts'
import type { WaitingTask } from '../core/ports.ts'
import type { Source, Stream } from '../core/stream.ts'
import { limitOf } from '../core/verdict.ts'

/** Streams whose tasks wait to share a walk. Where the user limits the items of each profile, each walks alone. */
export const sharedStreams = (source: Pick<Source, 'streams'>, params: Params): ReadonlySet<string> =>
  new Set(
    source.streams
      .filter(stream => stream.batch > 1 && (stream.named || limitOf(stream.kind, params) === null))
      .map(stream => stream.name),
  )

/**
 * Tasks in groups that one call can serve: equal share keys, at most `batch`; those without a key alone. A walk has the
 * parameters of one of its jobs, so only jobs with equal ones share it.
 */
export const groupTasks = (
  source: Pick<Source, 'streams'>,
  tasks: readonly WaitingTask[],
): (readonly WaitingTask[])[] => {
  const alike = new Map<unknown, Alike>()
  const textOf = openTexts()
  for (const task of tasks) {
    const stream = source.streams.find(candidate => candidate.name === task.stream)
    const shared = stream?.share?.(task, task.params) ?? null
    // One without a key is its own.
    const key = shared === null ? task : `${task.fails ? 'fails ' : ''}${shared} ${textOf(task.params)}`
    const others = alike.get(key)
    if (others === undefined) alike.set(key, { stream, tasks: [task] })
    else others.tasks.push(task)
  }
  return [...alike.values()].flatMap(
    ({ stream, tasks: of }) => stream?.pack?.(of) ?? cut(of, stream?.batch ?? 1),
  )
}

interface Alike {
  readonly stream: Stream | undefined
  readonly tasks: WaitingTask[]
}

const cut = <T>(tasks: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(tasks.length / size) }, (_, nth) =>
    tasks.slice(nth * size, (nth + 1) * size),
  )

/** Returns the text of parameters; of equal objects it is made once, and a hundred thousand jobs have the same. */
const openTexts = (): ((params: Params) => string) => {
  const known = new Map<Params, string>()
  return params => {
    const text = known.get(params) ?? JSON.stringify(params)
    known.set(params, text)
    return text
  }
}
