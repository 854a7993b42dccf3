import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** The room for new things, bytes: with less of it a run takes longer, with more it takes as long (`npm run bench -- --only profiles`). */
const ROOM = 16 * 2 ** 20
/** Of 32 kB: more than it takes. */
const MOST_PIECES = 2_000

/**
 * Keeps the heap of a long command about as small as what it holds, which is 30 MB. Left alone, V8 makes the room for new
 * things 128 MB, and lets old ones lie until there are as many again. The room grows only while something fills it, so it is filled
 * once. With 10 % in the place of 50 a run took a fifth more of the processor, and 10 MB less
 * (docs/performance.md). To be called before a command's sources are loaded; holds for the whole process.
 */
export const keepHeapSmall = (): void => {
  const filling: number[][] = []
  while (room() < ROOM && filling.length < MOST_PIECES) filling.push(new Array<number>(4096).fill(0.5))
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=50')
}

const room = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? ROOM
