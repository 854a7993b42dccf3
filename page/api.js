/** The API as the page uses it. The token comes in the link's fragment, which no server ever sees, and stays in this tab. */

const KEPT = 'socsync-token'

class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title)
    this.status = problem.status
    this.hint = problem.hint ?? null
    this.errors = problem.errors ?? []
  }
}

/** Takes the token out of the address, so that it is in no bookmark and no history. */
export const takeToken = () => {
  const { token } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
  if (!token) return
  sessionStorage.setItem(KEPT, token)
  history.replaceState(null, '', location.pathname)
}

export const setToken = token => sessionStorage.setItem(KEPT, token)
export const dropToken = () => sessionStorage.removeItem(KEPT)
export const hasToken = () => sessionStorage.getItem(KEPT) !== null

const request = async (path, init = {}) => {
  const headers = { ...init.headers, authorization: `Bearer ${sessionStorage.getItem(KEPT)}` }
  const response = await fetch(path, { ...init, headers })
  if (response.ok) return response
  const problem = await response.json().catch(() => ({ title: response.statusText, status: response.status }))
  throw new Refused(problem)
}

export const get = async path => (await request(path)).json()

export const drop = async path => (await request(path, { method: 'DELETE' })).json()

/** Each click is one wish: repeated by a nervous network, it still makes one run. */
export const post = async (path, body) => {
  const headers = { 'idempotency-key': crypto.randomUUID() }
  if (body === undefined) return (await request(path, { method: 'POST', headers })).json()
  headers['content-type'] = 'application/json'
  return (await request(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

/** Server-sent events by fetch, since an EventSource cannot carry a token. Comes back by itself behind the last event. */
export const watch = async (path, hear, signal) => {
  let last = null
  while (!signal.aborted) {
    try {
      const headers = last === null ? {} : { 'last-event-id': last }
      const response = await request(path, { headers, signal })
      if (response.status === 204) return
      for await (const event of events(response.body)) {
        last = event.id ?? last
        hear(event.name, event.data)
        if (event.name === 'end') return
      }
    } catch (error) {
      if (signal.aborted || error.status === 401 || error.status === 404) return
    }
    await new Promise(resume => setTimeout(resume, 1_000))
  }
}

async function* events(body) {
  let rest = ''
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const pieces = (rest + value).split('\n\n')
    rest = pieces.pop()
    for (const piece of pieces) {
      const fields = Object.fromEntries(
        piece.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      if (fields.event) yield { name: fields.event, id: fields.id ?? null, data: JSON.parse(fields.data) }
    }
  }
}
