import { loadConfig } from '../../app/config/config.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import { orderTransforms } from '../../app/run/run-queue.ts'
import { exitCodeOfTransforms, retryTransforms, runTransforms, transformStatus } from '../../app/transform.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn } from '../flags.ts'
import { pasted } from '../pasted.ts'
import { watchRun } from '../progress.ts'
import { redactor } from '../redactor.ts'
import { showJson } from '../show/json.ts'
import { counted, paint } from '../show/text.ts'
import {
  showTransformNeeds,
  showTransformOutcome,
  showTransforms,
  transformOutcomeJson,
} from '../show/transform.ts'
import { onSignals, signalCode } from '../signals.ts'

/** `socsync transform run` */
export const transformRunCommand = async (names: readonly string[], flags: Flags): Promise<void> => {
  await using box = await openToolbox({ flags, env: process.env, networks, redactor })
  const { settings } = box
  if (isOn(flags, 'queue')) {
    const ordered = await orderTransforms({ db: settings.db, names }, box)
    const next = pasted('socsync transform status')
    process.stdout.write(
      isOn(flags, 'json')
        ? showJson({ transforms: ordered, next })
        : `${ordered.join(', ')}: ${ordered.length === 1 ? 'waits' : 'wait'} for a worker\n${next}\n`,
    )
    return
  }
  using watch = watchRun({
    flags,
    settings,
    redactor,
    now: () => box.clock.now(),
    counted: { many: 'elements', records: false },
  })
  using signals = onSignals('\nsocsync: finishing the calls in flight; again to end at once\n', watch.say)
  const outcome = await runTransforms(
    {
      db: settings.db,
      names,
      concurrency: settings.concurrency,
      maxWaitMs: settings.maxWait ?? 60_000,
      emit: watch.emit,
      stop: signals.stop,
      kill: signals.kill,
      planned: open => watch.planned(null, open),
    },
    box,
  )
  watch.done({ interrupted: signals.received !== null })
  if (isOn(flags, 'json')) process.stdout.write(showJson(transformOutcomeJson(outcome)))
  else if (isOn(flags, 'quiet')) process.stderr.write(showTransformNeeds(outcome))
  else process.stdout.write(showTransformOutcome(outcome, paint(process.stdout, flags.color !== false)))
  process.exitCode = signalCode(signals) ?? exitCodeOfTransforms(outcome)
}

/** `socsync transform status` */
export const transformStatusCommand = async (names: readonly string[], flags: Flags): Promise<void> => {
  const { settings } = await loadConfig({ flags, env: process.env, networks })
  const transforms = await transformStatus({ db: settings.db, names })
  process.stdout.write(
    isOn(flags, 'json')
      ? showJson({ transforms })
      : showTransforms(transforms, paint(process.stdout, flags.color !== false)),
  )
}

/** `socsync transform retry` */
export const transformRetryCommand = async (names: readonly string[], flags: Flags): Promise<void> => {
  await using box = await openToolbox({ flags, env: process.env, networks, redactor })
  const again = await retryTransforms({ db: box.settings.db, names }, box)
  if (isOn(flags, 'json')) {
    process.stdout.write(showJson({ requeued: Object.fromEntries(again) }))
    return
  }
  for (const [name, count] of again) {
    process.stdout.write(`${name}: ${counted(count, 'element')} queued again\n`)
  }
}
