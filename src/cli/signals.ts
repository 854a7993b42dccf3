import { constants } from 'node:os'

/** What the signals of a process mean to a run. */
export interface Signals extends Disposable {
  /** After the first: no further page is begun, those in flight are finished. */
  readonly stop: AbortSignal
  /** After the second: calls in flight are cut off. What is not committed is fetched again by the next run. */
  readonly kill: AbortSignal
  readonly received: NodeJS.Signals | null
}

const HANDLED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Takes the signals that end a process; at the first, `words` are said, by itself on stderr. */
export const onSignals = (
  words: string,
  say: (words: string) => void = text => void process.stderr.write(text),
): Signals => {
  const stop = new AbortController()
  const kill = new AbortController()
  let received: NodeJS.Signals | null = null
  const handle = (signal: NodeJS.Signals): void => {
    if (received === null) {
      received = signal
      say(words)
      stop.abort(new Error(`ended by ${signal}`))
    } else {
      kill.abort(new Error(`ended by ${signal}`))
    }
  }
  for (const signal of HANDLED) process.on(signal, handle)
  return {
    stop: stop.signal,
    kill: kill.signal,
    get received() {
      return received
    },
    [Symbol.dispose]: () => {
      for (const signal of HANDLED) process.off(signal, handle)
    },
  }
}

/** 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP; undefined where none came. */
export const signalCode = ({ received }: Signals): number | undefined =>
  received === null ? undefined : 128 + constants.signals[received]
