import { DAY, HOUR } from './world/time.ts'

/** How long an address of each kind lives. */
const LIFE = { picture: 4 * DAY, film: 36 * HOUR } as const

/** Makes signed addresses: `oe` is the end as unix seconds in hex, and no two are alike (docs/networks/instagram.md §4). */
export const signer = () => {
  let made = 0
  return (id: string, what: keyof typeof LIFE, now: number): string => {
    made++
    const end = Math.floor((now + LIFE[what]) / 1000)
      .toString(16)
      .toUpperCase()
    const nonce = Math.imul(made, 0x9e3779b1) >>> 0
    const file = what === 'film' ? `o1/v/t16/${id}_n.mp4` : `v/t51/${id}_n.jpg`
    return (
      `https://scontent.cdn.example/${file}?_nc_cat=101&ccb=1-7&_nc_ohc=${nonce.toString(36)}` +
      `&_nc_ht=scontent.cdn.example&oh=00_${nonce.toString(16)}&oe=${end}&_nc_rid=${made.toString(36)}`
    )
  }
}
