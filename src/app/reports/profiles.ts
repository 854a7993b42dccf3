import { type Reader, withReadTransaction } from '../../store/reader.ts'
import { subjectOf } from '../../store/reports/lists.ts'
import { listComments, listNewestPosts, type PostPlace } from '../../store/reports/newest-posts.ts'
import {
  listProfiles,
  PROFILE_ORDERS,
  type ProfileFilter,
  type ProfileLines,
  type ProfileSlice,
} from '../../store/reports/profile-lines.ts'

export { PROFILE_ORDERS }

export interface ProfilesRequest {
  readonly db: string
  readonly filter: ProfileFilter
  readonly slice: ProfileSlice
}

/** A page of the profiles that were asked for, by name, and how many match; all of one moment. */
export const browseProfiles = ({ db: path, filter, slice }: ProfilesRequest): Promise<ProfileLines> =>
  withReadTransaction(path, db => listProfiles(db, filter, slice))

/** The posts of a job's profile, newest first; null = there is no such job. */
export const browsePosts = async (
  { db }: Reader,
  jobId: number,
  slice: { readonly after: PostPlace | null; readonly limit: number },
) => {
  const subject = await subjectOf(db, jobId)
  if (subject === null) return null
  const { network, profile_id: profileId } = subject
  return profileId === null ? { rows: [], next: null } : listNewestPosts(db, { network, profileId }, slice)
}

/** The comments of a post of the network that a job is of; null = there is no such job. */
export const browseComments = async (
  { db }: Reader,
  jobId: number,
  postId: string,
  slice: { readonly after: string | null; readonly limit: number },
) => {
  const subject = await subjectOf(db, jobId)
  return subject === null ? null : listComments(db, { network: subject.network, postId }, slice)
}
