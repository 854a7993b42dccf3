/** What each exit code says, in the order of their numbers; README, "Exit codes", tells the same. */
export const EXIT_CODES = {
  '0': 'all succeeded or skipped',
  '1': 'a bug, or a database that is broken or full',
  '2': 'wrong flags, ids or config; nothing was fetched or changed',
  '3': 'some jobs are partial or failed',
  '4': 'another run holds all of it',
  '5': 'a network has no working credential',
  '6': 'over --budget, nothing spent',
  '75': 'deferred: run again after the time shown; results of a transform are still to come',
  '130, 143, 129': 'interrupted by SIGINT, SIGTERM, SIGHUP: state saved, resume',
} as const

type Code = keyof typeof EXIT_CODES
/** A code, or what it means of this command alone. */
type Told = Code | readonly [code: Code, meaning: string]

const SIGNALS = '130, 143, 129'
const DONE: Told = ['0', 'done']
const HELD: Told = ['4', 'another process is at work on the database']
const RUN: readonly Told[] = ['0', '1', '2', '3', '4', '5', '75', SIGNALS]
const ASKED: readonly Told[] = [
  ['0', 'each credential works'],
  '1',
  '2',
  ['3', 'whether one works could not be asked'],
  ['5', 'one does not work, or is set up wrong'],
  ['75', 'a limit or an outage; ask again later'],
]

const OF_COMMAND: Readonly<Record<string, readonly Told[]>> = {
  run: [...RUN.slice(0, 6), '6', ...RUN.slice(6)],
  plan: [['0', 'told'], '1', '2', '3', '5', ['6', 'even the least it can cost is over --budget'], SIGNALS],
  resume: RUN,
  'schedule run-now': RUN,
  status: [['0', 'told'], '1', '2', ['3', 'a network gave nothing for as long as --fail-if-older says']],
  'transform run': [
    ['0', 'nothing is left to do'],
    '1',
    '2',
    ['3', 'some elements failed, or a service is out of order'],
    ['5', 'a service refuses its token'],
    '75',
    SIGNALS,
  ],
  'auth status': ASKED,
  'auth refresh': ASKED,
  'db check': [['0', 'whole'], ['1', 'damaged, or its rules are broken'], '2'],
  'db copy': [DONE, '1', '2', HELD],
  'db migrate': [DONE, '1', '2', HELD],
  'db prune': [DONE, '1', '2', HELD],
  'db purge': [DONE, '1', '2', HELD],
  'db rebuild': [DONE, '1', '2', HELD],
  serve: [['0', 'ended'], '1', '2', '4', SIGNALS],
  worker: [['0', 'told to stop, or with --drain nothing was left'], '1', '2', '4', '5'],
}

/** The exit codes of a command (`db check`) with what they mean there. */
export const exitCodesOf = (name: string): readonly (readonly [code: Code, meaning: string])[] =>
  (OF_COMMAND[name] ?? [DONE, '1', '2']).map(told =>
    typeof told === 'string' ? [told, EXIT_CODES[told]] : told,
  )
