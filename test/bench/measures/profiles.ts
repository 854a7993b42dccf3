import { writeFileSync } from 'node:fs'
import { tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { measured, type Used } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'

const PROFILES = 100_000
const STILL = 10_000
const IDS = 1_000_000

const list = (path: string, count: number): string => {
  writeFileSync(path, Array.from({ length: count }, (_, at) => `${profileOf('youtube', at)}\n`).join(''))
  return path
}

/** Long lists: read and planned; run for their profiles; a night in which nothing moved. Of a tenth of the list too, since all of it should grow with the list and no more. */
export const profiles: Measure = {
  name: 'profiles',
  async *measure({ scale }) {
    using folder = tempFolder()
    await using standIn = await startStandIn({ posts: 3, comments: 2 })
    const { env } = standIn
    const counts = [Math.round((PROFILES * scale) / 10), Math.round(PROFILES * scale)] as const
    const run = (scope: string, count: number, db: string): Promise<Used> => {
      const ids = list(folder.file('ids.txt'), count)
      const args = ['run', '--network', 'youtube', '--ids', ids, '--scope', scope, '--quiet']
      return measured([...args, '--db', folder.file(db)], env)
    }
    const [tenth, whole] = [
      await run('profile', counts[0], 'tenth.db'),
      await run('profile', counts[1], 'whole.db'),
    ]
    yield {
      name: 'profiles: time of each',
      value: whole.wallMs / counts[1],
      unit: 'ms',
      reach: { most: 0.3 },
      note: `${counts[1]} channels in ${(whole.wallMs / 1000).toFixed(1)} s`,
      isStable: false,
    } satisfies Figure
    yield {
      name: 'profiles: time, ten times the list',
      value: whole.wallMs / tenth.wallMs / 10,
      unit: '×',
      reach: { most: 1.2 },
      note: 'of ten times the time',
      isStable: true,
    } satisfies Figure
    yield {
      name: 'profiles: memory',
      value: whole.peakMb,
      unit: 'MB',
      reach: { most: 200 },
      note: `${counts[1]} channels; a tenth of them ${tenth.peakMb.toFixed(0)} MB`,
      isStable: true,
    } satisfies Figure

    const still = Math.round(STILL * scale)
    await run('comments', still, 'still.db')
    const nothing = await run('comments', 1, 'one.db')
    const night = await run('comments', still, 'still.db')
    yield {
      name: 'unchanged night: processor of each',
      value: (night.cpuMs - nothing.cpuMs) / still,
      unit: 'ms',
      reach: { most: 1 },
      note: `${still} channels with 3 videos of 2 comments: ${(night.cpuMs / 1000).toFixed(1)} s of processor, ${(night.wallMs / 1000).toFixed(1)} s`,
      isStable: false,
    } satisfies Figure

    const plan = (count: number): Promise<Used> => {
      const ids = list(folder.file('plan.txt'), count)
      return measured(['plan', '--network', 'youtube', '--ids', ids, '--db', folder.file('none.db')], env)
    }
    const ids = Math.round(IDS * scale)
    const few = await plan(Math.round(ids / 10))
    const many = await plan(ids)
    yield {
      name: 'list: read, checked, planned',
      value: (ids * 0.9) / ((many.wallMs - few.wallMs) / 1000),
      unit: 'ids/s',
      reach: { least: 100_000 },
      note: `${ids} ids in ${(many.wallMs / 1000).toFixed(1)} s, start included`,
      isStable: false,
    } satisfies Figure
    yield {
      name: 'list: memory',
      value: many.peakMb / few.peakMb,
      unit: '×',
      reach: { most: 1.3 },
      note: `${many.peakMb.toFixed(0)} MB; a tenth of the ids ${few.peakMb.toFixed(0)}`,
      isStable: true,
    } satisfies Figure
  },
}
