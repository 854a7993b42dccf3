import { resolve } from 'node:path'
import type { Starter } from '../app/schedule/units.ts'
import { type Flags, isOn, textFlag } from './flags.ts'

/** What starts a schedule of a file: this program, with the config file that it has here. */
export const starter =
  (flags: Flags) =>
  (db: string): Starter => {
    const config = textFlag(flags, 'config') ?? (process.env.SOCSYNC_CONFIG || null)
    return {
      program: [process.execPath, resolve(process.argv[1] ?? '')],
      db: resolve(db),
      config: config === null ? null : resolve(config),
      sandbox: isOn(flags, 'sandbox'),
    }
  }
