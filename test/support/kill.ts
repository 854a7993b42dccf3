import { setTimeout as pause } from 'node:timers/promises'
import { type Ended, type Running, type SpawnOptions, start } from './cli.ts'

/** Waits until something holds of a process that runs, looking every few milliseconds. Throws where it ends before. */
export const until = async (running: Running, holds: () => boolean): Promise<void> => {
  let over: Ended | null = null
  void running.ended.then(ended => {
    over = ended
  })
  while (!holds()) {
    if (over !== null) throw new Error(`ended too early: ${JSON.stringify(over)}`)
    await pause(3)
  }
}

/** Starts `socsync`, and as soon as something holds sends it a signal; gives how it ended. */
export const startAndSignal = async (
  args: readonly string[],
  options: SpawnOptions,
  holds: () => boolean,
  signal: NodeJS.Signals,
): Promise<Ended> => {
  const running = start(args, options)
  await until(running, holds)
  running.kill(signal)
  return running.ended
}
