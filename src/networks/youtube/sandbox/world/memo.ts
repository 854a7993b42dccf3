/** Remembers the last so many values that were made. */
export class Memo<K, V> {
  readonly #values = new Map<K, V>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** The value of this key; made where it is not remembered. */
  get(key: K, make: () => V): V {
    let value = this.#values.get(key)
    if (value !== undefined) return value
    value = make()
    if (this.#values.size >= this.#most) {
      const [oldest] = this.#values.keys()
      if (oldest !== undefined) this.#values.delete(oldest)
    }
    this.#values.set(key, value)
    return value
  }
}
