import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'

/**
 * Notes the moment of every HTTP request that a process sends, in the file that `CALLS` names, a line of JSON each; the time is
 * that of the machine, whatever the process takes for it: `NODE_OPTIONS="--import <this file>"`.
 */
export interface NotedCall {
  /** Epoch milliseconds. */
  readonly at: number
  readonly pid: number
  readonly path: string
}

const { CALLS } = process.env
if (CALLS !== undefined) {
  subscribe('undici:request:create', message => {
    const { path } = (message as { readonly request: { readonly path: string } }).request
    const at = performance.timeOrigin + performance.now()
    // What follows the path may hold what is derived from a secret.
    const call: NotedCall = { at, pid: process.pid, path: path.replace(/\?.*/, '') }
    appendFileSync(CALLS, `${JSON.stringify(call)}\n`)
  })
}
