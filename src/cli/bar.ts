import cliProgress from 'cli-progress'
import { type Flags, isOn } from './flags.ts'

/** Draws how far a long reading is, on a terminal alone: `label`, and how many `units` of how many. */
export const watch = (
  flags: Flags,
  label: string,
  units: 'pages' | 'rows',
): Disposable & { progress(passed: number, of: number): void } => {
  const quiet = process.stderr.isTTY !== true || isOn(flags, 'json')
  const bar = quiet
    ? null
    : new cliProgress.SingleBar(
        {
          stream: process.stderr,
          format: `{bar} ${label} · {value}/{total} ${units} · {eta_formatted} left`,
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
        },
        cliProgress.Presets.shades_classic,
      )
  let begun = false
  return {
    progress: (passed, of) => {
      if (begun) bar?.update(passed)
      else bar?.start(of, passed)
      begun = true
    },
    [Symbol.dispose]: () => bar?.stop(),
  }
}
