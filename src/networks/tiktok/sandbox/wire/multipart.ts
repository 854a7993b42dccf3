import type { SandboxRequest } from '../../../sandbox.ts'

/** The parts of a `multipart/form-data` body by name, or null where it is none. */
export const readMultipart = (request: SandboxRequest): ReadonlyMap<string, string> | null => {
  const type = request.headers['content-type'] ?? ''
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type)
  const mark = boundary?.[1] ?? boundary?.[2]
  if (mark === undefined) return null
  const parts = new Map<string, string>()
  for (const part of request.body.split(`--${mark}`).slice(1, -1)) {
    const head = part.indexOf('\r\n\r\n')
    const name = /name="([^"]*)"/i.exec(part.slice(0, Math.max(0, head)))?.[1]
    if (name !== undefined) parts.set(name, part.slice(head + 4).replace(/\r\n$/, ''))
  }
  return parts
}
