const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, sign => ENTITIES[sign] ?? sign)

/** Addresses, hashtags and times of the video: what the site makes links of. */
const LINKED = /(https?:\/\/\S+)|(#\w+)|(\b\d{1,2}:\d{2}\b)/g

/** A comment's text as `textDisplay` has it under the default `textFormat=html` (docs/networks/youtube.md §5). */
export const displayHtml = (text: string, videoId: string): string => {
  let html = ''
  let last = 0
  for (const match of text.matchAll(LINKED)) {
    const [found, address, hashtag] = match
    const target =
      address ??
      (hashtag === undefined
        ? watchAt(videoId, found)
        : `http://www.youtube.com/results?search_query=%23${hashtag.slice(1)}`)
    html += `${escapeHtml(text.slice(last, match.index))}<a href="${escapeHtml(target)}">${escapeHtml(found)}</a>`
    last = match.index + found.length
  }
  return (html + escapeHtml(text.slice(last))).replaceAll('\n', '<br>')
}

const watchAt = (videoId: string, time: string): string => {
  const [minutes, seconds] = time.split(':').map(Number)
  return `https://www.youtube.com/watch?v=${videoId}&t=${minutes}m${seconds}s`
}
