/** Of which profiles something is asked: of one, by its key in lists and its id, of all of a run, or of all that were asked for; network null = of any. */
export type ProfilesOf =
  | { readonly network: string; readonly entityId: string; readonly profileId: string }
  | { readonly run: number }
  | { readonly network: string | null }
