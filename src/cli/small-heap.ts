import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** The room for new things, bytes: with less of it a run takes longer, with more it takes as long (`npm run bench -- --only profiles`). */
const ROOM = 16 * 2 ** 20
const LOOK_MS = 50

/**
 * Keeps the heap of a long run about as small as what it holds, which is 30 MB. Left alone, V8 makes the room for new
 * things 128 MB, half of it while the sources are loaded, and lets old ones lie until there are as many again. With 10 % in the
 * place of 50 a run took a fifth more of the processor, and 10 MB less (docs/performance.md). To be
 * called before a command's sources are loaded; holds for the whole process.
 */
export const keepHeapSmall = (): void => {
  setFlagsFromString('--heap-growing-percent=50')
  setFlagsFromString('--semi-space-growth-factor=1')
  const look = setInterval(() => {
    const isLarge = room() >= ROOM
    setFlagsFromString(`--semi-space-growth-factor=${isLarge ? 1 : 2}`)
    if (isLarge) clearInterval(look)
  }, LOOK_MS).unref()
}

const room = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? ROOM
