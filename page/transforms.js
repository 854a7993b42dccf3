import { statusBar } from './bar.js'
import { h } from './dom.js'
import { counted, number, when } from './words.js'

/** What external services make of what came: a card each. */

const PARTS = [
  ['done', 'succeeded', 'done'],
  ['failed', 'failed', 'failed'],
  ['processing', 'running', 'processing'],
  ['pending', 'running', 'with the service'],
  ['queued', 'pending', 'not submitted yet'],
]

/** All that is stored of a transform, whatever its version. */
const totals = ({ versions }) =>
  Object.fromEntries(
    PARTS.map(([name]) => [name, versions.reduce((sum, { elements }) => sum + elements[name], 0)]),
  )

export const drawTransform = (transform, { act }) => {
  const { name, version, state, stop, versions } = transform
  const counts = totals(transform)
  const path = `/v1/transforms/${name}`
  const failed = versions.find(one => one.version === version)?.elements.failed ?? 0
  const button = (focus, label, ...paths) =>
    h('button', { type: 'button', 'data-focus': focus, onclick: () => act(...paths) }, label)
  const words = PARTS.filter(([part]) => counts[part] > 0).map(
    ([part, , said]) => `${number(counts[part])} ${said}`,
  )
  return h(
    'article',
    { className: 'card' },
    h(
      'div',
      { className: 'pool-line' },
      h('h3', {}, name),
      h(
        'span',
        { className: state === 'working' ? 'run-state running' : 'run-state queued' },
        state === 'working' ? 'at work' : '',
      ),
    ),
    h(
      'p',
      { className: 'note' },
      version === null ? 'not in the config file any more' : `version ${version}`,
    ),
    statusBar(
      PARTS.map(([part, status]) => [status, counts[part]]),
      state === 'working',
    ),
    h('p', { className: 'run-line' }, words.join(', ') || 'nothing was handed over yet'),
    stop &&
      h(
        'p',
        { className: 'why' },
        `${stop.hint ?? stop.message}.`,
        stop.not_before ? h('span', { className: 'on' }, ` It can go on ${when(stop.not_before)}.`) : '',
      ),
    versions.flatMap(one =>
      one.errors.map(error =>
        h(
          'p',
          { className: 'note' },
          `${counted(error.elements, 'element')} of version ${one.version}: ${error.why}`,
        ),
      ),
    ),
    version !== null &&
      h(
        'div',
        { className: 'actions start' },
        state === 'idle'
          ? button('run', `Run ${name}`, `${path}/run`)
          : button('cancel', `Stop ${name}`, `${path}/cancel`),
        failed > 0 && button('retry', `Retry ${number(failed)} failed`, `${path}/retry`, `${path}/run`),
      ),
  )
}
