import type { IdInput } from '../../app/ids/ids.ts'
import { openToolbox } from '../../app/open-toolbox.ts'
import { exitCodeOfPlan, plan } from '../../app/plan.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn } from '../flags.ts'
import { pastedRun } from '../pasted.ts'
import { watchRun } from '../progress.ts'
import { redactor } from '../redactor.ts'
import { showJson } from '../show/json.ts'
import { planObject, showPlan } from '../show/plan.ts'
import { paint } from '../show/text.ts'
import { onSignals, signalCode } from '../signals.ts'
import { readArguments, requestOf, transformsOf, workSettings } from './run.ts'

/** `socsync plan` */
export const planCommand = async (args: readonly string[], flags: Flags): Promise<void> => {
  const given = await readArguments(args, flags)
  await using box = await openToolbox({ flags, env: process.env, networks, redactor })
  using watch = watchRun({ flags, settings: box.settings, redactor, now: () => box.clock.now() })
  using signals = onSignals('\nsocsync: finishing the calls in flight; again to end at once\n', watch.say)
  const request = requestOf(given, flags, box)
  const settings = { ...workSettings(box, watch, signals), transforms: transformsOf(flags, box) }
  const found = await plan(request, settings, box, isOn(flags, 'probe'))
  watch.done({ interrupted: signals.received !== null })
  process.stdout.write(
    isOn(flags, 'json')
      ? showJson({ plan: planObject(found) })
      : showPlan(found, request.scopes, runInstead(given.ids), paint(process.stdout, flags.color !== false)),
  )
  process.exitCode = signalCode(signals) ?? exitCodeOfPlan(found, box.settings.strict)
}

/** The run that was planned, as it can be pasted; null where its list came through a pipe, and is gone. */
const runInstead = (ids: IdInput): string | null =>
  'stdin' in ids ? null : redactor.text(pastedRun(process.argv.slice(3).filter(word => word !== '--probe')))
