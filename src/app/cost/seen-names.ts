/** Beyond so many names none is remembered: 64 MB. */
const MOST = 4_000_000
const FULL = 0.6

/**
 * Which names were met before, in 8 to 27 bytes each whatever their length: a table of what they hash to. Two of a million share their
 * 64 bits once in 40 million lists: good enough for a price, and for nothing that is stored.
 */
export class SeenNames {
  /** Pairs of 32 bits, by open addressing; 0, 0 = free. */
  #table = new Uint32Array(2 * 2 ** 10)
  #size = 0

  /** Whether it is met for the first time. Of more than four million names it always says so. */
  add(name: string): boolean {
    const [high, low] = hash(name)
    const at = this.#placeOf(high, low)
    if (this.#table[at] !== 0 || this.#table[at + 1] !== 0) return false
    if (this.#size >= MOST) return true
    this.#table[at] = high
    this.#table[at + 1] = low
    if (++this.#size > FULL * (this.#table.length / 2)) this.#grow()
    return true
  }

  /** Where it stands, or may. */
  #placeOf(high: number, low: number): number {
    const mask = this.#table.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const [a, b] = [this.#table[2 * slot], this.#table[2 * slot + 1]]
      if ((a === high && b === low) || (a === 0 && b === 0)) return 2 * slot
    }
  }

  #grow(): void {
    const old = this.#table
    this.#table = new Uint32Array(2 * old.length)
    for (let at = 0; at < old.length; at += 2) {
      const [high = 0, low = 0] = [old[at], old[at + 1]]
      if (high === 0 && low === 0) continue
      const place = this.#placeOf(high, low)
      this.#table[place] = high
      this.#table[place + 1] = low
    }
  }
}

/** Two halves of 32 bits, each multiplied on by odd constants of its own and mixed at the end; never 0, 0. */
const hash = (name: string): readonly [high: number, low: number] => {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    high = Math.imul(high ^ code, 0x2c1b3c6d)
    low = Math.imul(low ^ code, 0x297a2d39)
  }
  high = mixed(high ^ (low >>> 15))
  low = mixed(low ^ (high >>> 13))
  return [high, low === 0 && high === 0 ? 1 : low]
}

const mixed = (value: number): number => {
  const once = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b)
  return (twice ^ (twice >>> 16)) >>> 0
}
