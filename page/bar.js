import { h } from './dom.js'

/** Counts by status as one bar: `[['succeeded', 3], …]`. What it shows is said beside it in words. */
export const statusBar = (parts, isMoving) => {
  const element = h('div', { className: isMoving ? 'bar moving' : 'bar', 'aria-hidden': 'true' })
  for (const [status, count] of parts) {
    if (!count) continue
    const part = h('span', { className: `part ${status}` })
    part.style.flexGrow = String(count)
    element.append(part)
  }
  return element
}
