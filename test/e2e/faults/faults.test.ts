import { afterAll, describe, it } from 'vitest'
import { act, INPUT } from './input.ts'
import { LIMITS } from './limits.ts'
import { MEANING } from './meaning.ts'
import { PROCESS, processCases, strike } from './process.ts'
import { casesOf, play } from './row.ts'
import { Tally } from './tally.ts'
import { WIRE } from './wire.ts'

const tally = new Tally()
afterAll(() => void process.stdout.write(`\n${tally}\n`))

interface Fault {
  /** The number in docs/faults.md §1 after the network that it befalls, if that has a row of its own. */
  readonly name: string
  readonly play: () => Promise<void>
}

const played = (rows: Parameters<typeof casesOf>[0]): readonly Fault[] =>
  casesOf(rows).map(one => ({ name: one.name, play: () => play(one, tally) }))

const SUBJECTS: Readonly<Record<string, readonly Fault[]>> = {
  'on the wire': played(WIRE),
  'limits, quota and credentials': played(LIMITS),
  'what an API means': played(MEANING),
  'the process': processCases(PROCESS).map(({ name, row, network }) => ({
    name,
    play: () => strike(row, network, tally),
  })),
  'the file, the certificates, the output': INPUT.map(row => ({
    name: row.name,
    play: () => act(row, tally),
  })),
}

const rowOf = ({ name }: Fault): string | undefined => /(?:^|: )(\d+)/.exec(name)?.[1]
/** What befalls the process is long: `test/e2e/kill.test.ts` shows it every day. */
const { 'the process': _, ...OTHERS } = SUBJECTS
/** Of the others one fault of each row of docs/faults.md is for every day: the networks in turn, else the first. */
const brief = new Set(
  [...Map.groupBy(Object.values(OTHERS).flat(), rowOf).values()].map((faults, turn) => {
    const ofNetworks = faults.filter(({ name }) => /^\w+: /.test(name))
    return ofNetworks.length === 0 ? faults[0] : ofNetworks[turn % ofNetworks.length]
  }),
)

describe.each(Object.entries(SUBJECTS))('%s', (_, faults) => {
  for (const fault of faults) it(fault.name, { tags: brief.has(fault) ? [] : ['long'] }, fault.play)
})
