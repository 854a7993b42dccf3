import { get } from './api.js'
import { saveCsv } from './csv.js'
import { h } from './dom.js'
import { counted, moment, number } from './words.js'

/** The newest posts of a profile, with their counters, and what is said below one of them. */

const COUNTERS = [
  ['like_count', 'like'],
  ['comments_count', 'comment'],
  ['view_count', 'view'],
  ['share_count', 'share'],
  ['save_count', 'save'],
]

const countersOf = post =>
  COUNTERS.filter(([name]) => post[name] !== null)
    .map(([name, one]) => counted(post[name], one))
    .join(', ')

const textOf = ({ title, caption, id }) => title || caption || `post ${id}`

/** Only an address that a browser opens safely becomes a link. */
const linkTo = (address, text) =>
  address !== null && URL.parse(address)?.protocol === 'https:'
    ? h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text)
    : text

/** All pages of a list, from one on. */
const readAll = async (path, cursor = null) => {
  const rows = []
  for (let at = cursor; ; ) {
    const { items, next } = await get(at === null ? path : `${path}&cursor=${encodeURIComponent(at)}`)
    rows.push(...items)
    if (next === null) return rows
    at = next
  }
}

const csvButton = (what, name, path, columns) =>
  h(
    'button',
    {
      type: 'button',
      className: 'quiet',
      'aria-label': `${what} as CSV`,
      onclick: async ({ currentTarget: button }) => {
        button.disabled = true
        try {
          const rows = await readAll(path)
          saveCsv(
            name,
            columns,
            rows.map(row => columns.map(column => row[column])),
          )
          button.disabled = false
        } catch (error) {
          button.replaceWith(said(error))
        }
      },
    },
    'CSV',
  )

/** In the place of what could not be read. */
const said = error => h('p', { className: 'note' }, `That could not be read: ${error.message}.`)

/** A list that grows by a button: `draw` makes an element of each of its items. */
const growing = async (path, { draw, none, csv, more }) => {
  const list = h('ul', { className: 'posts' })
  const foot = h('div', { className: 'actions start' })
  let next = null
  const again = () => load(next).catch(error => foot.replaceChildren(said(error)))
  const load = async cursor => {
    const found = await get(cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`)
    list.append(...found.items.map(draw))
    next = found.next
    foot.replaceChildren(
      next === null ? '' : h('button', { type: 'button', className: 'quiet', onclick: again }, more),
      list.childElementCount > 0 ? csv : '',
    )
  }
  await load(null)
  return list.childElementCount === 0 ? h('p', { className: 'note' }, none) : h('div', {}, list, foot)
}

const POST_COLUMNS = [
  ...['id', 'kind', 'title', 'caption', 'permalink', 'created_at', 'fetched_at', 'missing_since'],
  ...COUNTERS.map(([name]) => name),
  'comments_why',
]

export const drawPosts = job =>
  growing(`/v1/jobs/${job}/posts?limit=6`, {
    draw: post => drawPost(job, post),
    none: 'No post of it is stored.',
    more: 'Earlier posts',
    csv: csvButton('All posts', 'posts', `/v1/jobs/${job}/posts?limit=200`, POST_COLUMNS),
  })

const drawPost = (job, post) => {
  const below = h('div', { className: 'below', hidden: true })
  const open = async event => {
    const button = event.currentTarget
    const isOpen = button.getAttribute('aria-expanded') === 'true'
    button.setAttribute('aria-expanded', String(!isOpen))
    below.hidden = isOpen
    if (!isOpen && below.childElementCount === 0)
      below.replaceChildren(await drawComments(job, post).catch(said))
  }
  return h(
    'li',
    {},
    h(
      'p',
      { className: 'post-head' },
      linkTo(post.permalink, post.created_at === null ? 'no date' : moment(post.created_at)),
      post.kind ? ` · ${post.kind}` : '',
      post.missing_since === null
        ? ''
        : h('span', { className: 'on' }, ` · gone since ${moment(post.missing_since)}`),
    ),
    h('p', { className: 'post-text' }, textOf(post)),
    h('p', { className: 'note' }, [countersOf(post), post.comments_why].filter(Boolean).join(' · ')),
    post.comments_count > 0 &&
      h(
        'button',
        {
          type: 'button',
          className: 'quiet small',
          'aria-expanded': 'false',
          'aria-label': `Comments of ${textOf(post).slice(0, 60)}`,
          onclick: open,
        },
        'Comments',
      ),
    below,
  )
}

const COMMENT_COLUMNS = [
  ...['id', 'parent_id', 'author_id', 'author_name', 'content', 'like_count', 'reply_count'],
  ...['created_at', 'missing_since'],
]

const drawComments = (job, { id, comments_why: why }) =>
  growing(`/v1/jobs/${job}/comments?post_id=${encodeURIComponent(id)}&limit=20`, {
    draw: drawComment,
    none: `None of them is stored${why === null ? '' : `: ${why}`}.`,
    more: 'More comments',
    csv: csvButton(
      'All comments of this post',
      `comments-${id}`,
      `/v1/jobs/${job}/comments?post_id=${encodeURIComponent(id)}&limit=200`,
      COMMENT_COLUMNS,
    ),
  })

const drawComment = comment =>
  h(
    'li',
    { className: comment.parent_id === null ? 'comment' : 'comment reply' },
    h(
      'p',
      { className: 'note' },
      [
        comment.author_name ?? comment.author_id ?? 'somebody',
        comment.created_at === null ? '' : moment(comment.created_at),
        comment.like_count
          ? `${number(comment.like_count)} ${comment.like_count === 1 ? 'like' : 'likes'}`
          : '',
        comment.missing_since === null ? '' : 'gone',
      ]
        .filter(Boolean)
        .join(' · '),
    ),
    h('p', { className: 'post-text' }, comment.content ?? ''),
  )
