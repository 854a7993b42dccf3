import type { Measure } from '../figure.ts'
import { exports } from './exports.ts'
import { large } from './large.ts'
import { latency } from './latency.ts'
import { pages } from './pages.ts'
import { peers } from './peers.ts'
import { profiles } from './profiles.ts'
import { raw } from './raw.ts'
import { start } from './start.ts'

export const MEASURES: readonly Measure[] = [pages, latency, peers, start, raw, profiles, exports, large]
