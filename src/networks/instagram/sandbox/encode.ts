import type { Json } from '../../../core/json.ts'

/** JSON as the network writes it: slashes and all beyond ASCII escaped (docs/networks/instagram.md §4). */
export const encode = (value: Json): string =>
  JSON.stringify(value)
    .replace(/\//g, '\\/')
    .replace(/[\u007f-\uffff]/g, mark => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
