import type { PlotOptions } from '@observablehq/plot'
import { Html } from './html.ts'

type Plot = typeof import('@observablehq/plot')

/** What a chart is called, and what it shows in a sentence, for who cannot see it. */
export interface ChartWords {
  readonly title: string
  readonly says: string
}

/** How wide a chart is drawn, in units of its own: on a phone, and where there is more room. */
export const NARROW = 328
export const WIDE = 760

export interface Charts {
  readonly plot: Plot
  /** One chart as it stands in a page: text in the page's own colour, and no address, script or style in it. */
  draw(words: ChartWords, options: PlotOptions): Html
}

/** What draws. It is loaded here, since no other command needs it. */
export const openCharts = async (): Promise<Charts> => {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html></html>')
  let charts = 0
  return {
    plot,
    draw: ({ title, says }, options) => {
      charts += 1
      const svg: Element = plot.plot({
        document: document as never,
        className: 'chart',
        style: { fontSize: '11px', fontFamily: 'inherit' },
        ...options,
      })
      for (const style of svg.querySelectorAll('style')) style.remove()
      // One picture with a name of its own: what Plot calls its parts would be read beside it.
      for (const part of svg.querySelectorAll('[aria-label], [aria-hidden]')) {
        part.removeAttribute('aria-label')
        part.removeAttribute('aria-hidden')
      }
      const ids = [`chart-${charts}`, `chart-${charts}-says`]
      const described = (tag: string, id: string, text: string): Element => {
        const element = document.createElementNS(SVG, tag)
        element.setAttribute('id', id)
        element.textContent = text
        return element
      }
      svg.prepend(described('title', ids[0] ?? '', title), described('desc', ids[1] ?? '', says))
      svg.setAttribute('role', 'img')
      svg.setAttribute('aria-labelledby', ids.join(' '))
      // As wide as its place.
      svg.removeAttribute('width')
      svg.removeAttribute('height')
      return new Html(svg.outerHTML)
    },
  }
}

const SVG = 'http://www.w3.org/2000/svg'

/** What is used of a document here; where there is no browser, its types are not there either. */
interface Element {
  readonly outerHTML: string
  querySelectorAll(selector: string): Iterable<Element>
  prepend(...children: readonly Element[]): void
  setAttribute(name: string, value: string): void
  removeAttribute(name: string): void
  remove(): void
}
