import { stripVTControlCharacters } from 'node:util'

const REDRAW_MS = 250

/**
 * The last lines of a terminal, drawn again on a timer and after a resize. Whatever else is written there goes through `say`, and
 * stands above them. A terminal that is made narrower breaks the lines it has: as many as they are by then are taken back.
 */
export class Screen implements Disposable {
  readonly #stream: NodeJS.WriteStream
  readonly #render: (columns: number) => readonly string[]
  readonly #timer: NodeJS.Timeout
  #drawn: readonly string[] = []
  #columns = 0
  #ended = false

  /** `render` gives the lines for a width; each is at most that wide. */
  constructor(stream: NodeJS.WriteStream, render: (columns: number) => readonly string[]) {
    this.#stream = stream
    this.#render = render
    stream.write(HIDE)
    process.once('exit', this.#show)
    stream.on('resize', this.draw)
    this.#timer = setInterval(this.draw, REDRAW_MS).unref()
    this.draw()
  }

  readonly draw = (): void => {
    if (this.#ended) return
    const { columns = 80, rows = 24 } = this.#stream
    // The last column is left free: in it, some terminals already begin a new line.
    const lines = this.#render(columns - 1).slice(0, Math.max(1, rows - 1))
    if (columns === this.#columns && lines.join('\n') === this.#drawn.join('\n')) return
    this.#stream.write(`${this.#erased()}${lines.map(line => `${line}\n`).join('')}`)
    this.#drawn = lines
    this.#columns = columns
  }

  say(text: string): void {
    if (this.#ended) return void this.#stream.write(text)
    this.#stream.write(this.#erased() + text.replace(/^\n+/, ''))
    this.#drawn = []
    this.draw()
  }

  /** Draws once more, and leaves the lines where they are. */
  end(): void {
    if (this.#ended) return
    this.draw()
    this.#ended = true
    clearInterval(this.#timer)
    this.#stream.off('resize', this.draw)
    process.off('exit', this.#show)
    this.#show()
  }

  [Symbol.dispose](): void {
    this.end()
  }

  readonly #show = (): void => void this.#stream.write(SHOW)

  /** What takes back the lines that were drawn. */
  #erased(): string {
    const { columns = 80 } = this.#stream
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)),
      0,
    )
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`
  }
}

const HIDE = '\u001b[?25l'
const SHOW = '\u001b[?25h'
