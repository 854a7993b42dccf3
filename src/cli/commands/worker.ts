import { openToolbox } from '../../app/open-toolbox.ts'
import { keyMadeText } from '../../app/privacy/key.ts'
import { runWorker, type WorkerEvent } from '../../app/run/worker.ts'
import { keepTicks, type TickEvent } from '../../app/schedule/ticks.ts'
import { BadInput } from '../../core/errors.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn, listFlag } from '../flags.ts'
import { openServerLog } from '../log.ts'
import { redactor } from '../redactor.ts'
import { onSignals } from '../signals.ts'

/** `socsync worker`: works until it is told to stop. */
export const workerCommand = async (flags: Flags): Promise<void> => {
  const names = listFlag(flags, 'networks')
  const known = networks.map(({ name }) => name)
  const unknown = names?.find(name => !known.includes(name))
  if (unknown !== undefined) {
    throw new BadInput(`--networks: there is no network ${unknown}`, { hint: `allowed: ${known.join(', ')}` })
  }
  const log = openServerLog({ quiet: isOn(flags, 'quiet'), verbose: isOn(flags, 'verbose'), redactor })
  await using box = await openToolbox({
    ...{ flags, env: process.env, networks, redactor },
    keyMade: file => log.info(keyMadeText(file)),
  })
  const { settings } = box
  const told = ({ event, ...rest }: WorkerEvent | TickEvent): void => {
    const { runId, message, ...more }: Told = rest
    const fields = runId === undefined ? more : { run_id: runId, ...more }
    if (message === undefined) log.info(fields, event)
    else if (event === 'transform.stopped') log.info({ ...fields, message }, event)
    else log.error(fields, message)
  }
  using signals = onSignals('\nsocsync: finishing the pages in flight; again to end at once\n')
  await runWorker(
    {
      db: settings.db,
      networks: networks.filter(({ name }) => names === null || names.includes(name)),
      concurrency: settings.concurrency,
      maxWaitMs: settings.maxWait,
      keepRaw: settings.raw === 'pages',
      emit: () => {},
      stop: signals.stop,
      kill: signals.kill,
    },
    box,
    {
      drain: isOn(flags, 'drain'),
      all: networks.length,
      told,
      beside: () => keepTicks(settings.db, box, told),
    },
  )
}

interface Told {
  readonly runId?: number
  readonly message?: string
  readonly worker?: string
  readonly transform?: string
  readonly schedule?: string
  readonly at?: string
}
