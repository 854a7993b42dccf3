import { afterAll, describe, it } from 'vitest'
import { casesOf, play } from './row.ts'
import { Tally } from './tally.ts'
import { WIRE } from './wire.ts'

const tally = new Tally()
afterAll(() => void process.stdout.write(`\n${tally}\n`))

describe('on the wire', () => {
  it.each(casesOf(WIRE))('$name', one => play(one, tally))
})
