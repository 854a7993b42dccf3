import { h } from './dom.js'

/** Counts by status as one bar: `[['succeeded', 3], …]`. What it shows is said beside it in words. */
export const statusBar = (parts, isMoving) => {
  const element = h('div', { className: isMoving ? 'bar moving' : 'bar', 'aria-hidden': 'true' })
  const total = Math.max(
    1,
    parts.reduce((sum, [, count]) => sum + (count ?? 0), 0),
  )
  for (const [status, count] of parts) {
    if (!count) continue
    const part = h('span', { className: `part ${status}` })
    part.style.flexGrow = String(count / total)
    element.append(part)
  }
  return element
}
