import { measured, type Used } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'

/** As many as a page of YouTube's has, times ten. */
const COMMENTS_OF_POST = 1000

/** Syncs a channel with so many comments into a file. */
export const syncComments = async (comments: number, path: string): Promise<Used> => {
  const posts = Math.max(1, Math.round(comments / COMMENTS_OF_POST))
  await using standIn = await startStandIn({ posts, comments: COMMENTS_OF_POST })
  const args = ['run', '--network', 'youtube', '--scope', 'comments', '--quiet', '--db', path]
  return await measured([...args, profileOf('youtube', 0)], standIn.env)
}
