import { readBound } from '../../app/bounds.ts'
import type { IdInput } from '../../app/ids.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import { exitCodeOf, type Outcome } from '../../app/outcome.ts'
import { run, type WorkSettings } from '../../app/run.ts'
import { chooseTransforms } from '../../app/transform.ts'
import { BadInput } from '../../core/errors.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn, listFlag, networkFlag, textFlag } from '../flags.ts'
import { watchRun } from '../progress.ts'
import { redactor } from '../redactor.ts'
import { showOutcome } from '../show/outcome.ts'
import { onSignals, signalCode } from '../signals.ts'

/** `socsync run` */
export const runCommand = async (args: readonly string[], flags: Flags): Promise<void> => {
  const ids = idsOf(args, flags)
  const network = networkFlag(flags)
  const bounds = { ...boundOf(flags, 'since'), ...boundOf(flags, 'until') }
  await using box = await openToolbox({ flags, env: process.env, networks, redactor })
  const { settings } = box
  await work(flags, box, settings.strict, workSettings =>
    run(
      {
        ids,
        network,
        scopes: settings.scope,
        fullEveryMs: settings.fullEvery,
        fresh: isOn(flags, 'fresh'),
        wait: isOn(flags, 'wait'),
        params: {
          since: null,
          until: null,
          sinceId: null,
          untilId: null,
          ...bounds,
          limitPosts: settings.limitPosts,
          limitComments: settings.limitComments,
          replies: settings.replies,
          likedVideos: settings.likedVideos,
          lookbackMs: settings.lookback,
        },
      },
      workSettings,
      box,
    ),
  )
}

/** What run and resume share: signals, progress, summary, exit code. */
export const work = async (
  flags: Flags,
  box: Awaited<ReturnType<typeof openToolbox>>,
  strict: boolean,
  go: (settings: WorkSettings) => Promise<Outcome | null>,
): Promise<void> => {
  const { settings } = box
  const named = listFlag(flags, 'transform')
  const transforms = named === null ? [] : chooseTransforms(named, box.transforms)
  using signals = onSignals('\nsocsync: finishing the pages in flight; again to end at once\n')
  using watch = watchRun(flags, redactor)
  const outcome = await go({
    db: settings.db,
    networks,
    concurrency: settings.concurrency,
    maxWaitMs: settings.maxWait,
    budget: settings.budget,
    keepRaw: settings.raw === 'pages',
    transforms,
    trigger: 'cli',
    emit: watch.emit,
    stop: signals.stop,
    kill: signals.kill,
    planned: watch.planned,
  })
  watch.done()
  await showOutcome(outcome, {
    db: settings.db,
    json: isOn(flags, 'json'),
    colour: flags.color !== false,
    transforms: named ?? [],
    sandbox: isOn(flags, 'sandbox'),
  })
  if (outcome !== null) process.exitCode = signalCode(signals) ?? exitCodeOf(outcome, strict)
}

const idsOf = (args: readonly string[], flags: Flags): IdInput => {
  const file = textFlag(flags, 'ids')
  if (file !== null && args.length > 0) {
    throw new BadInput('ids are given twice: by --ids and as arguments', { hint: 'leave one of them out' })
  }
  if (file === '-') return { stdin: process.stdin }
  if (file !== null) return { file }
  if (args.length === 0)
    throw new BadInput('no ids are given', { hint: 'name a file with --ids, or ids as arguments' })
  return { args }
}

const boundOf = (flags: Flags, name: 'since' | 'until') => {
  const text = textFlag(flags, name)
  // What an incremental run does by itself.
  if (text === null || (name === 'since' && text === 'last')) return {}
  const bound = readBound(text, `--${name}`)
  return 'id' in bound ? { [`${name}Id`]: bound.id } : { [name]: bound.instant }
}
