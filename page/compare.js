import { drawGrowth } from './chart.js'
import { saveCsv } from './csv.js'
import { byId, h } from './dom.js'
import { readGrowth } from './growth.js'
import { calledOf, drawSign } from './sign.js'
import { metricName, moment, number, signed } from './words.js'

/** Several profiles beside each other: one counter of all of them, as lines and as a table. */
export const showComparison = async entries => {
  const dialog = byId('detail')
  const grown = await Promise.all(
    entries.map(async entry => ({ entry, counters: await readGrowth(entry.job.id) })),
  )
  const names = [...new Set(grown.flatMap(({ counters }) => [...counters.keys()]))]
  const body = h('div')
  const draw = name => body.replaceChildren(drawTable(name, grown), drawCharts(name, grown))
  const select = h(
    'select',
    { id: 'compare-by', onchange: event => draw(event.target.value) },
    names.map(name => h('option', { value: name }, metricName(name))),
  )
  if (names.length > 0) draw(names[0])
  else body.append(h('p', { className: 'note' }, 'Nothing was counted of these yet.'))
  byId('detail-body').replaceChildren(
    h('header', { className: 'detail-head' }, h('h2', { id: 'detail-title' }, `${entries.length} profiles`)),
    names.length > 0
      ? h('div', { className: 'line' }, h('label', { for: 'compare-by' }, 'Compared by'), select)
      : '',
    body,
    h(
      'div',
      { className: 'actions' },
      h('button', { type: 'button', className: 'quiet', onclick: () => dialog.close() }, 'Close'),
    ),
  )
  dialog.onclose = () => byId('compare-open').focus()
  dialog.showModal()
}

/** Of each the first value and the newest, the largest first. */
const linesOf = (name, grown) =>
  grown
    .map(({ entry, counters }) => {
      const known = (counters.get(name) ?? []).filter(({ value }) => value !== null)
      const [first, last] = [known[0], known.at(-1)]
      return {
        entry,
        since: first?.at ?? null,
        first: first?.value ?? null,
        last: last?.value ?? null,
        moved: first === undefined ? null : last.value - first.value,
      }
    })
    .sort((a, b) => (b.last ?? -1) - (a.last ?? -1))

const share = ({ first, moved }) =>
  moved === null || !first ? '' : `${signed(Math.round((1000 * moved) / first) / 10)} %`

const drawTable = (name, grown) => {
  const lines = linesOf(name, grown)
  const columns = ['network', 'profile', 'profile_id', 'counter', 'since', 'first', 'last', 'moved']
  const save = () =>
    saveCsv(
      'compared',
      columns,
      lines.map(({ entry, since, first, last, moved }) => [
        ...[entry.network, calledOf(entry), entry.profile_id, name, since, first, last, moved],
      ]),
    )
  return h(
    'div',
    {},
    h(
      'div',
      { className: 'scroll', role: 'region', 'aria-label': 'The numbers', tabindex: '0' },
      h(
        'table',
        { className: 'moved compared' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Profile', 'First', 'Now', 'Moved', 'Since'].map(text => h('th', { scope: 'col' }, text)),
          ),
        ),
        h(
          'tbody',
          {},
          lines.map(line =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, drawSign(line.entry.network), ' ', calledOf(line.entry)),
              h('td', { className: 'figure' }, line.first === null ? '' : number(line.first)),
              h('td', { className: 'figure' }, line.last === null ? 'not told' : number(line.last)),
              h(
                'td',
                { className: 'figure' },
                line.moved === null ? '' : signed(line.moved),
                h('span', { className: 'beside' }, share(line)),
              ),
              h('td', { className: 'time' }, line.since === null ? '' : moment(line.since)),
            ),
          ),
        ),
      ),
    ),
    h(
      'div',
      { className: 'actions start' },
      h(
        'button',
        { type: 'button', className: 'quiet', 'aria-label': 'The numbers as CSV', onclick: save },
        'CSV',
      ),
    ),
  )
}

const drawCharts = (name, grown) =>
  h(
    'div',
    { className: 'beside-each-other' },
    grown.map(({ entry, counters }) =>
      h(
        'section',
        {},
        h('h3', {}, drawSign(entry.network), ' ', calledOf(entry)),
        drawGrowth(name, counters.get(name) ?? [], entry.last_synced_at),
      ),
    ),
  )
