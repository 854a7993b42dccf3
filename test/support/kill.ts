import { setTimeout as pause } from 'node:timers/promises'
import { type Ended, type Running, type SpawnOptions, start } from './cli.ts'

/** Waits until something holds, looking every few milliseconds. The test's own time limit ends a wait in vain. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(3)
}

/** Starts `socsync`, and as soon as something holds sends it a signal; gives how it ended. */
export const startAndSignal = async (
  args: readonly string[],
  options: SpawnOptions,
  holds: () => boolean,
  signal: NodeJS.Signals,
): Promise<Ended> => {
  const running: Running = start(args, options)
  let over = false
  void running.ended.then(() => {
    over = true
  })
  await until(() => over || holds())
  running.kill(signal)
  return running.ended
}
