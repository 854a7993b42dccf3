import type { Child, PageRequest, Stream } from '../../../core/stream.ts'
import type { Api } from '../api.ts'
import { type Period, nameOf as periodName, periodOf } from './days.ts'
import type { KnownGaps } from './known-gaps.ts'
import { openPeriod, readPeriod } from './period.ts'
import { BATCH, ofNames, takesOf } from './search.ts'
import type { Aim } from './seek.ts'
import { nameOfTask } from './walk.ts'

/** What a walk leaves of one name: `ada.bakes 2023-10-08..2023-10-10`. */
export const windowChild = (name: string, period: Period): Child => ({
  stream: 'window',
  externalId: `${name} ${periodName(period)}`,
  profileId: name,
  next: 'start',
  declared: null,
})

/**
 * A period that a walk over searches could not have, asked for by itself, of all names that lack it. It is the named
 * rest of their videos.
 */
export const window = (api: Api, gaps: KnownGaps): Stream => {
  const ask = openPeriod(api, gaps)
  return {
    name: 'window',
    kind: 'posts',
    batch: BATCH,
    share: ({ externalId }) => periodName(periodIn(externalId)),
    newestFirst: false,

    fetch: (request, ctx) => ask(request, aimOf(request), ctx),

    normalise(raw, request) {
      const { page, missing } = readPeriod(raw, request, aimOf(request), names =>
        takesOf(request.tasks, names),
      )
      const task = request.tasks.find(each => nameOfTask(each) === missing?.name)
      if (missing === null || task === undefined) return page
      return { ...page, missing: [{ subject: 'profile', id: task.externalId, reason: missing.reason }] }
    },
  }
}

const periodIn = (externalId: string): Period => periodOf(externalId.slice(externalId.lastIndexOf(' ') + 1))

const aimOf = ({ tasks }: PageRequest): Aim => {
  const { start, end } = periodIn(tasks[0]?.externalId ?? '')
  return { scope: { floor: start, last: end, declared: {} }, names: tasks.map(nameOfTask), queryOf: ofNames }
}
