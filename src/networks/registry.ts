import type { Network } from './contract.ts'
import { instagram } from './instagram/index.ts'
import { tiktok } from './tiktok/index.ts'
import { youtube } from './youtube/index.ts'

/** Every network there is. A fourth one is a folder and a line here. */
export const networks: readonly Network[] = [instagram, youtube, tiktok]

/** The network of that name, or undefined. */
export const networkNamed = (name: string): Network | undefined => networks.find(network => network.name === name)
