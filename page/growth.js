import { get } from './api.js'
import { METRIC_ORDER } from './words.js'

/** How the counters of a profile moved: all that is stored of each, oldest first, by its name. */
export const readGrowth = async job => {
  const rows = []
  for (let cursor = ''; ; ) {
    const found = await get(`/v1/jobs/${job}/results/metrics?subject=profile&limit=1000${cursor}`)
    rows.push(...found.items)
    if (found.next === null) break
    cursor = `&cursor=${encodeURIComponent(found.next)}`
  }
  const byName = Map.groupBy(rows, row => row.name)
  return new Map(
    [...byName]
      .sort(([a], [b]) => rank(a) - rank(b))
      .map(([name, of]) => [name, of.map(row => ({ at: row.observed_at, value: row.value }))]),
  )
}

const rank = name => {
  const at = METRIC_ORDER.indexOf(name)
  return at === -1 ? METRIC_ORDER.length : at
}
