// @module-tag long
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

const SUBJECTS = {
  'on the wire': WIRE,
  'limits, quota and credentials': LIMITS,
  'what an API means': MEANING,
}

describe.each(Object.entries(SUBJECTS))('%s', (_, rows) => {
  for (const one of casesOf(rows)) it(one.name, () => play(one, tally))
})

describe('the process', () => {
  for (const { name, row, network } of processCases(PROCESS)) it(name, () => strike(row, network, tally))
})

describe('the file, the certificates, the output', () => {
  for (const row of INPUT) it(row.name, () => act(row, tally))
})
