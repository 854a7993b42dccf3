import { readBound, refuseEmptySpan } from '../../app/config/bounds.ts'
import { oneOf } from '../../app/config/one-of.ts'
import { readQueryFile } from '../../app/config/search-config.ts'
import type { IdInput } from '../../app/ids/ids.ts'
import { sandboxList } from '../../app/ids/sandbox-list.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import { exitCodeOf, type Outcome } from '../../app/run/outcome.ts'
import { run } from '../../app/run/run.ts'
import { orderRun } from '../../app/run/run-queue.ts'
import {
  type Bounds,
  checkLists,
  fromSettings,
  type RunRequest,
  type WorkSettings,
} from '../../app/run/run-request.ts'
import { namedTransforms } from '../../app/transform.ts'
import { ENTITY_KINDS, entityKey } from '../../core/entity.ts'
import { BadInput } from '../../core/errors.ts'
import type { Queries } from '../../core/params.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn, keyMadeFlag, listFlag, networkFlag, textFlag } from '../flags.ts'
import { pasted } from '../pasted.ts'
import { type RunWatch, watchRun } from '../progress.ts'
import { redactor } from '../redactor.ts'
import { showJson } from '../show/json.ts'
import { showOutcome } from '../show/outcome.ts'
import { onSignals, signalCode } from '../signals.ts'

type Box = Awaited<ReturnType<typeof openToolbox>>

/** `socsync run` */
export const runCommand = async (args: readonly string[], flags: Flags): Promise<void> => {
  const given = await readArguments(args, flags)
  await using box = await openToolbox({
    ...{ flags, env: process.env, networks, redactor },
    keyMade: keyMadeFlag(flags),
  })
  if (isOn(flags, 'queue')) return await order(given, flags, box)
  await work(flags, box, settings => run(requestOf(given, flags, box), settings, box))
}

/** Leaves the run to the workers (`socsync worker`), and says its number. */
const order = async (given: Given, flags: Flags, box: Box): Promise<void> => {
  const { settings } = box
  const runId = await orderRun(
    requestOf(given, flags, box),
    { ...settings, maxWaitMs: settings.maxWait, transforms: listFlag(flags, 'transform') ?? [] },
    box,
    networks,
  )
  const next = pasted(`socsync status --run ${runId}`)
  process.stdout.write(
    isOn(flags, 'json') ? showJson({ run: runId, next }) : `run ${runId} waits for a worker\n${next}\n`,
  )
}

/** What run and resume share: signals, progress, summary, exit code. */
export const work = async (
  flags: Flags,
  box: Box,
  go: (settings: WorkSettings) => Promise<Outcome | null>,
): Promise<void> => {
  const { settings } = box
  const transforms = transformsOf(flags, box)
  using watch = watchRun({ flags, settings, redactor, now: () => box.clock.now() })
  using signals = onSignals('\nsocsync: finishing the pages in flight; again to end at once\n', watch.say)
  const began = performance.now()
  const outcome = await go({ ...workSettings(box, watch, signals), transforms })
  watch.done({ interrupted: outcome?.interrupted ?? false })
  await showOutcome(outcome, {
    db: settings.db,
    now: box.clock.now(),
    json: isOn(flags, 'json'),
    quiet: isOn(flags, 'quiet'),
    strict: settings.strict,
    sandbox: isOn(flags, 'sandbox'),
    tookMs: performance.now() - began,
    colour: flags.color !== false,
    transforms: transforms.map(({ transform }) => transform),
  })
  if (outcome !== null) process.exitCode = signalCode(signals) ?? exitCodeOf(outcome, settings.strict)
}

/** The transforms that what lands is queued for. */
export const transformsOf = (flags: Flags, box: Box) =>
  namedTransforms(listFlag(flags, 'transform') ?? [], box.transforms)

/** How it is worked, as the settings say. */
export const workSettings = (
  { settings }: Box,
  watch: RunWatch,
  { stop, kill }: Pick<WorkSettings, 'stop' | 'kill'>,
): WorkSettings => ({
  db: settings.db,
  networks,
  concurrency: settings.concurrency,
  maxWaitMs: settings.maxWait,
  budget: settings.budget,
  keepRaw: settings.raw === 'pages',
  trigger: 'cli',
  emit: watch.emit,
  stop,
  kill,
  expects: watch.drawn,
  planned: watch.planned,
})

/** What only the command line says; read before anything is opened. */
export const readArguments = async (args: readonly string[], flags: Flags) => {
  const bounds: Bounds = { ...boundOf(flags, 'since'), ...boundOf(flags, 'until') }
  refuseEmptySpan(bounds)
  const sinceLast = textFlag(flags, 'since') === LAST
  const network = networkFlag(flags)
  const as = oneOf(textFlag(flags, 'as') ?? 'profile', ENTITY_KINDS, '--as')
  const query = textFlag(flags, 'query')
  const queries = query === null ? {} : await readQueryFile(query)
  return { ids: await idsOf(args, flags, network, queries), network, as, sinceLast, bounds, queries }
}

type Given = Awaited<ReturnType<typeof readArguments>>

export const requestOf = (
  { ids, network, as, sinceLast, bounds, queries }: Given,
  flags: Flags,
  { settings, searches }: Pick<Box, 'settings' | 'searches'>,
): RunRequest => {
  if (listFlag(flags, 'lists') !== null)
    checkLists(settings.lists, { scopes: settings.scope, network }, networks, '--lists')
  return {
    ids,
    network,
    as,
    ...fromSettings(settings, bounds, { ...searches, ...queries }),
    sinceLast,
    fresh: isOn(flags, 'fresh'),
    wait: isOn(flags, 'wait'),
  }
}

const idsOf = async (
  args: readonly string[],
  flags: Flags,
  network: string | null,
  queries: Queries,
): Promise<IdInput> => {
  const file = textFlag(flags, 'ids')
  if (file !== null && args.length > 0) {
    throw new BadInput('ids are given twice: by --ids and as arguments', { hint: 'leave one of them out' })
  }
  if (file === '-') return { stdin: process.stdin }
  if (file !== null) return { file }
  const searches = Object.keys(queries).map(name => entityKey('search', name))
  if (args.length === 0 && searches.length > 0) return { args: searches }
  if (args.length === 0 && isOn(flags, 'sandbox')) return await sandboxList({ network, networks })
  if (args.length === 0)
    throw new BadInput('no ids are given', { hint: 'name a file with --ids, or ids as arguments' })
  return { args }
}

/** In place of a day: where each profile is covered from. */
const LAST = 'last'

const boundOf = (flags: Flags, name: 'since' | 'until'): Bounds => {
  const text = textFlag(flags, name)
  if (text === null || (name === 'since' && text === LAST)) return {}
  const bound = readBound(text, `--${name}`)
  return 'id' in bound ? { [`${name}Id`]: bound.id } : { [name]: bound.instant }
}
