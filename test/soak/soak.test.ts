// @module-tag long
import { expect, it } from 'vitest'
import { soak, tell } from './soak.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const RUNS = 24

it(`${RUNS} runs of a cron while everything goes wrong: what is stored in the end is the world (npm run soak is longer)`, async () => {
  const soaked = await soak(SEED, runs => runs < RUNS)
  process.stdout.write(`\n${tell(soaked)}\n`)
  expect(soaked.complaints, `seed ${SEED}`).toEqual([])
}, 180_000)
