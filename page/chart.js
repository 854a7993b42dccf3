import { h, s } from './dom.js'
import { metricName, moment, number, shortDay } from './words.js'

const WIDTH = 560
const HEIGHT = 180
const PAD = { top: 14, right: 12, bottom: 26, left: 12 }

/** How a counter grew: a line for the eye, a sentence for everybody. `points`: oldest first. */
export const drawGrowth = (name, points) => {
  const known = points.filter(point => point.value !== null)
  const first = known[0]
  const last = known.at(-1)
  if (first === undefined) return h('p', { className: 'note' }, 'Nothing was counted yet.')
  const moved = last.value - first.value
  const sentence =
    known.length === 1
      ? `${metricName(name)}: ${number(last.value)}, counted once so far, ${moment(last.at)}.`
      : `${metricName(name)}: ${number(last.value)}, ${moved >= 0 ? 'up' : 'down'} ${number(Math.abs(moved))} since ${moment(first.at)}.`
  return h('figure', { className: 'growth' }, plot(known, sentence), h('figcaption', {}, sentence))
}

const plot = (points, sentence) => {
  const times = points.map(point => Date.parse(point.at))
  const values = points.map(point => point.value)
  const [from, to] = [Math.min(...times), Math.max(...times)]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = (high - low) * 0.1 || Math.max(1, high * 0.01)
  const x = at => PAD.left + (to === from ? 0.5 : (at - from) / (to - from)) * (WIDTH - PAD.left - PAD.right)
  const y = value =>
    HEIGHT - PAD.bottom - ((value - low + room) / (high - low + 2 * room)) * (HEIGHT - PAD.top - PAD.bottom)
  const way = points.map(
    (point, index) => `${index === 0 ? 'M' : 'L'}${x(times[index]).toFixed(1)} ${y(point.value).toFixed(1)}`,
  )
  const base = HEIGHT - PAD.bottom
  const area = `${way.join('')}L${x(to).toFixed(1)} ${base}L${x(from).toFixed(1)} ${base}Z`
  const label = (text, at, anchor) => s('text', { x: at, y: HEIGHT - 8, 'text-anchor': anchor }, text)
  return s(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': sentence, className: 'plot' },
    s('line', { x1: PAD.left, x2: WIDTH - PAD.right, y1: base, y2: base, className: 'axis' }),
    points.length > 1 && s('path', { d: area, className: 'area' }),
    points.length > 1 && s('path', { d: way.join(''), className: 'way' }),
    points.map((point, index) =>
      s(
        'circle',
        { cx: x(times[index]), cy: y(point.value), r: points.length > 60 ? 1.5 : 3, className: 'dot' },
        s('title', {}, `${moment(point.at)}: ${number(point.value)}`),
      ),
    ),
    label(
      shortDay(from),
      points.length === 1 ? WIDTH / 2 : PAD.left,
      points.length === 1 ? 'middle' : 'start',
    ),
    points.length > 1 && shortDay(from) !== shortDay(to) && label(shortDay(to), WIDTH - PAD.right, 'end'),
  )
}
