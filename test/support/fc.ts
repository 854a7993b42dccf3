import fc from 'fast-check'

// A law that does not hold prints its seed; `SEED=…` tries the same cases again.
const { SEED } = process.env
if (SEED !== undefined) fc.configureGlobal({ seed: Number(SEED) })

export { fc }
