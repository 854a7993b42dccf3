import cliProgress from 'cli-progress'
import { type Flags, isOn } from './flags.ts'

/** Draws how far a long reading is, on a terminal alone: `label` and pages. */
export const watchPages = (
  flags: Flags,
  label: string,
): Disposable & { progress(pages: number, of: number): void } => {
  const quiet = process.stderr.isTTY !== true || isOn(flags, 'json')
  const bar = quiet
    ? null
    : new cliProgress.SingleBar(
        {
          stream: process.stderr,
          format: `{bar} ${label} · {value}/{total} pages · {eta_formatted} left`,
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
        },
        cliProgress.Presets.shades_classic,
      )
  let begun = false
  return {
    progress: (pages, of) => {
      if (begun) bar?.update(pages)
      else bar?.start(of, pages)
      begun = true
    },
    [Symbol.dispose]: () => bar?.stop(),
  }
}
