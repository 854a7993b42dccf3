import { h, s } from './dom.js'
import { metricName, moment, number, shortDay } from './words.js'

const WIDTH = 560
const HEIGHT = 200
const PAD = { top: 14, right: 14, bottom: 26, left: 62 }

/**
 * How a counter grew: a line for the eye, a sentence for everybody. `points`: oldest first. Its axis begins at nothing, so that
 * little looks like little. A counter is written down when it moves: up to the last look at it, at `lookedAt`, it stood still.
 */
export const drawGrowth = (name, points, lookedAt = null) => {
  const known = points.filter(point => point.value !== null)
  const first = known[0]
  const last = known.at(-1)
  if (first === undefined) return h('p', { className: 'note' }, 'Nothing was counted yet.')
  const moved = last.value - first.value
  const looked = lookedAt !== null && lookedAt > last.at ? lookedAt : null
  const sentence =
    known.length === 1
      ? `${metricName(name)}: ${number(last.value)}, counted once so far, ${moment(last.at)}.`
      : `${metricName(name)}: ${number(last.value)}, ${moved >= 0 ? 'up' : 'down'} ${number(Math.abs(moved))} since ${moment(first.at)}.`
  const until = looked === null ? '' : ` Last looked at ${moment(looked)}.`
  return h(
    'figure',
    { className: 'growth' },
    plot(known, looked, sentence + until),
    h('figcaption', {}, sentence + until),
  )
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten by which four steps reach so high. */
const stepTo = high => {
  const least = Math.max(1, high) / 4
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => size >= least)
  return step < 1 ? 1 : step
}

const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumSignificantDigits: 3 })

const plot = (points, lookedAt, sentence) => {
  const times = points.map(point => Date.parse(point.at))
  const from = times[0]
  const to = lookedAt === null ? times.at(-1) : Date.parse(lookedAt)
  const high = Math.max(...points.map(point => point.value))
  const step = stepTo(high)
  const top = step * Math.max(1, Math.ceil(high / step))
  const x = at => PAD.left + (to === from ? 0.5 : (at - from) / (to - from)) * (WIDTH - PAD.left - PAD.right)
  const y = value => HEIGHT - PAD.bottom - (value / top) * (HEIGHT - PAD.top - PAD.bottom)
  const way = points.map(
    (point, index) => `${index === 0 ? 'M' : 'L'}${x(times[index]).toFixed(1)} ${y(point.value).toFixed(1)}`,
  )
  if (lookedAt !== null) way.push(`L${x(to).toFixed(1)} ${y(points.at(-1).value).toFixed(1)}`)
  const base = HEIGHT - PAD.bottom
  const area = `${way.join('')}L${x(to).toFixed(1)} ${base}L${x(from).toFixed(1)} ${base}Z`
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step)
  const label = (text, at, anchor) => s('text', { x: at, y: HEIGHT - 8, 'text-anchor': anchor }, text)
  const isLine = to > from
  return s(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': sentence, className: 'plot' },
    ticks.map(tick =>
      s('line', { x1: PAD.left, x2: WIDTH - PAD.right, y1: y(tick), y2: y(tick), className: 'axis' }),
    ),
    ticks.map(tick =>
      s('text', { x: PAD.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, short.format(tick)),
    ),
    isLine && s('path', { d: area, className: 'area' }),
    isLine && s('path', { d: way.join(''), className: 'way' }),
    points.map((point, index) =>
      s(
        'circle',
        { cx: x(times[index]), cy: y(point.value), r: points.length > 60 ? 1.5 : 3, className: 'dot' },
        s('title', {}, `${moment(point.at)}: ${number(point.value)}`),
      ),
    ),
    label(
      shortDay(from),
      isLine ? PAD.left : (WIDTH + PAD.left - PAD.right) / 2,
      isLine ? 'start' : 'middle',
    ),
    isLine && shortDay(from) !== shortDay(to) && label(shortDay(to), WIDTH - PAD.right, 'end'),
  )
}
