import type { Network } from './contract.ts'
import { instagram } from './instagram/index.ts'
import { tiktok } from './tiktok/index.ts'
import { youtube } from './youtube/index.ts'

/** Every network there is. A fourth one is a folder and a line here. */
export const networks: readonly Network[] = [instagram, youtube, tiktok]
