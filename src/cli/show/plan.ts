import type { ChalkInstance } from 'chalk'
import type { Assumption, NetworkEstimate } from '../../app/cost/estimate.ts'
import type { PoolForecast } from '../../app/cost/quota-forecast.ts'
import { isOver, type Plan, planView } from '../../app/plan.ts'
import type { Range } from '../../core/price.ts'
import { allOf, line, listedWords, section } from './run.ts'
import { counted, duration, moment, number, printable, table } from './text.ts'

/** What a run would cost, in a screen: by kind and pool, against what is left today, and from what it was reckoned. `run` = that run as a command. */
export const showPlan = (
  plan: Plan,
  scopes: readonly string[],
  run: string | null,
  paint: ChalkInstance,
): string => {
  const { networks, units, budget, probe } = plan
  const read =
    probe === null ? 'nothing was fetched' : `run ${probe.runId} read the profiles that were not stored`
  const lines = [
    line('plan', `run --scope ${scopes.join(',')} · ${read}`, paint.bold),
    ...networks.flatMap(network => showNetwork(network, paint)),
    ...(networks.length > 1 ? [line('together', `${spanOf(units)} units`)] : []),
    ...(budget === null ? [] : [line('budget', showBudget(plan, paint))]),
    line('next', nextOf(plan, run)),
  ]
  return `${lines.join('\n')}\n`
}

const showNetwork = (of: NetworkEstimate, paint: ChalkInstance): string[] => {
  const rows = of.costs.map(({ kind, pool, calls }) => [
    kind,
    isKnown(calls) ? calls.likely : spanOf(calls),
    `${calls.likely === 1 && isKnown(calls) ? 'call' : 'calls'}${of.pools.length > 1 ? ` of ${printable(pool)}` : ''}`,
  ])
  const said = [
    listedOf(of),
    ...(rows.length === 0 ? ['no calls: nothing of it can be had'] : table(rows).split('\n')),
    ...of.pools.map(pool => showPool(of, pool, paint)),
    ...(rows.length === 0 ? [] : [paceOf(of)]),
    ...(of.incremental > 0 ? ['What is new or has changed since the last run comes on top.'] : []),
  ]
  return [
    ...section(of.network, said),
    ...section('assumed', of.assumptions.filter(({ measuredOn }) => measuredOn === 0).map(showAssumption)),
    ...section('measured', of.assumptions.filter(({ measuredOn }) => measuredOn > 0).map(showAssumption)),
  ]
}

const listedOf = ({ listed, stored, incremental, continued }: NetworkEstimate): string =>
  [
    listedWords(listed),
    stored === allOf(listed) ? 'stored' : `${number(stored)} stored`,
    ...(incremental > 0 ? [`${number(incremental)} read from where they were left`] : []),
    ...(continued > 0 ? [`${number(continued)} unfinished, continued`] : []),
  ].join(' · ')

/** `about 2,651 units of the 10,000 a day; today 7,300 are left: done today`. */
const showPool = (
  { seconds, pools }: NetworkEstimate,
  { pool, units, allowance, window, left, windows, doneAt }: PoolForecast,
  paint: ChalkInstance,
): string => {
  const what = `${spanOf(units)} units`
  const whose = pools.length > 1 ? ` of ${printable(pool)}` : ''
  if (allowance === null || left === null || windows === null) {
    return `${paint.bold(what)}${whose}, whose allowance the network does not tell: ${spent(seconds)}`
  }
  const open = window === 'day' ? 'today' : `this ${window}`
  const of = `${paint.bold(what)} of ${whose === '' ? 'the' : `${printable(pool)}'s`} ${number(allowance)} a ${window}; ${open} ${number(left)} are left`
  if (windows === 1) {
    const isDoubtful = units.high > left
    const done = isDoubtful ? paint.yellow(`most likely done ${open}`) : paint.green(`done ${open}`)
    return `${of}: ${done}, ${spent(seconds)}`
  }
  return `${of}: ${paint.yellow(`${counted(windows, window)} of quota, done about ${moment(doneAt)}`)}`
}

const spent = ({ low, likely, high }: Range): string =>
  high > likely * 1.1 || low < likely * 0.9
    ? `in about ${duration(likely * 1000)} (${duration(low * 1000)} to ${duration(high * 1000)})`
    : `in about ${duration(likely * 1000)}`

const paceOf = ({ secondsPerCall, measured }: NetworkEstimate): string => {
  const pace =
    secondsPerCall < 1
      ? `${counted(tidy(1 / secondsPerCall), 'call')} a second`
      : `a call every ${counted(tidy(secondsPerCall), 'second')}`
  return `at ${pace} (${measured ? 'measured on the runs of this file' : 'assumed'})`
}

/** What stands for a number that is not known, and per how much it is said. */
const WORDS: Readonly<Record<Assumption['name'], { readonly per: number; readonly words: string }>> = {
  postsPerProfile: { per: 1, words: 'posts of a profile' },
  commentsPerPost: { per: 1, words: 'comments of a post' },
  threadsPerComment: { per: 100, words: 'of 100 comments are no replies' },
  replyCallsPerComment: { per: 100, words: 'calls for the replies to 100 comments' },
}

const showAssumption = ({ name, measuredOn, ...range }: Assumption): string => {
  const { per, words } = WORDS[name]
  const scaled = { low: range.low * per, likely: range.likely * per, high: range.high * per }
  return `${wide(scaled)} ${words}${measuredOn > 0 ? ` (of ${number(measuredOn)} that are stored)` : ''}`
}

/** Whether a range is narrow enough to be told as one number. */
const isKnown = ({ low, likely, high }: Range): boolean => high - low <= Math.max(1, likely * 0.02)

/** `1,204`, or `800–2,000, likely 1,204` where that is not so sure. */
const spanOf = (range: Range): string =>
  isKnown(range)
    ? number(range.likely)
    : `${number(range.low)}–${number(range.high)}, likely ${number(range.likely)}`

const wide = ({ low, likely, high }: Range): string =>
  `${number(tidy(low))}–${number(tidy(high))}, likely ${number(tidy(likely))}`

const tidy = (n: number): number => (n < 10 ? Math.round(n * 10) / 10 : Math.round(n))

const showBudget = (plan: Plan, paint: ChalkInstance): string => {
  const { units, budget } = plan
  const allowed = number(budget ?? 0)
  if (isOver(plan))
    return paint.red(`${allowed} units: too little, \`run\` would refuse with exit 6 and spend nothing`)
  if (units.high > (budget ?? 0))
    return paint.yellow(`${allowed} units: may not be enough, \`run\` stops when they are spent`)
  return paint.green(`${allowed} units: enough`)
}

const nextOf = (plan: Plan, run: string | null): string => {
  if (isOver(plan)) return 'raise --budget, or narrow the run with --scope, --since or --limit-posts'
  const unknown = plan.networks.some(({ listed, stored }) => listed.profiles > 0 && stored < allOf(listed))
  const next = run ?? '`run` with the same flags'
  return unknown && plan.probe === null
    ? `${next}\nor the same plan with --probe: it reads the profiles first, for a narrower answer`
    : next
}

/** The same for programs. */
export const planObject = (plan: Plan) => {
  const { networks, ...view } = planView(plan)
  return {
    ...view,
    probe_run: plan.probe === null ? null : String(plan.probe.runId),
    networks: networks.map(of => ({ ...of, costs: of.costs.map(cost => ({ ...cost, units: cost.calls })) })),
  }
}
