import type { Clock } from '../core/clock.ts'
import type { OtherKind } from '../core/entity.ts'
import type { Instant } from '../core/instant.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { ListName } from '../core/params.ts'
import type {
  CollectionRecord,
  CommentRecord,
  ItemRecord,
  LikeRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
  RelationRecord,
} from '../core/records.ts'
import type { CallContext, Source } from '../core/stream.ts'
import type { TaskKind } from '../core/task.ts'
import type { Http } from '../http/http.ts'
import type { OpenSandbox } from './sandbox.ts'

/** A network as the rest of socsync sees it: one folder, one value of this type, one line in `registry.ts`. */
export interface Network {
  /** `instagram` */
  readonly name: string
  /** `Instagram` */
  readonly title: string
  /** Hosts whose addresses in an id list mean this network, without `www.`. */
  readonly hosts: readonly string[]
  /**
   * The profile's key from a bare id, an @handle, or an address on one of `hosts`; null = not an id here.
   * The key is canonical: `@NatGeo`, `natgeo` and `https://www.instagram.com/natgeo/` are one.
   */
  parseId(text: string): string | null
  /** Why a text that `parseId` does not take is no id here, and what to give instead; null = nothing particular. */
  explainId?(text: string): string | null
  /** What a text that `parseId` takes looks like more (`a video id`): a list that is mostly so is refused. */
  looksLike?(text: string): string | null
  /** The allowed forms in a few words, for the message that refuses a line. */
  readonly idForms: string
  /** What an id may point at beside profiles: by its address, by its kind before it (`post:…`) or by `--as`. */
  readonly others: Readonly<Partial<Record<OtherKind, IdForm>>>
  /** The lists that a profile may show beside its posts (`--lists`), each with what it is in a few words. */
  readonly lists: Readonly<Partial<Record<ListName, string>>>
  /** Addresses of profiles anywhere in a text, with the flag `g`; the group `who` is the handle or id, with which the match ends. */
  readonly profileAddress: RegExp
  /** The ways to be let in, the first complete one is taken. */
  readonly credentials: readonly CredentialKind[]
  readonly baseUrlVariable: string
  /** What can be had by each kind of credential, and what it costs: `socsync networks` tells it. */
  readonly abilities: readonly Ability[]
  /** The metrics beside the counters of records of which the user may choose; left out = none. */
  readonly insights?: Insights
  /** Which fields of which records its answers fill: the catalogue of the data is made from it. */
  readonly gives: Gives
  /** What binds whoever keeps or passes on what it gave, in plain sentences. */
  readonly terms: readonly string[]
  open(options: OpenOptions): Source
  /**
   * What the answer to a request, as the raw zone keeps it, is documented to hold, whether it is read or not: what is in
   * neither is news (`db drift`).
   */
  describe(request: JsonObject): Described
  readonly tokens: CredentialCheck
  /** The local stand-in of this network's API, loaded only when asked for. */
  loadSandbox(): Promise<OpenSandbox>
}

/** Names of metrics by what they are of: `{ account: ['reach'], reels: ['views'] }`. */
export type Insights = Readonly<Record<string, readonly string[]>>

/** How ids of one kind are told. */
export interface IdForm {
  /** The network's id from a bare one, or from an address on one of the network's hosts; null = neither. */
  parse(text: string): string | null
  /** Why a text that `parse` does not take is none of these, and what to give instead; null = nothing particular. */
  explain?(text: string): string | null
  /** The allowed forms in a few words. */
  readonly forms: string
  /** Of searches: what is wrong with a query, with its place in it (`and[1].operation`), and what is allowed; null = it can be asked. */
  checkQuery?(query: JsonObject): string | null
}

/** The fields of a record that can be filled; a text says what is particular about one. */
type Filled<R> = Readonly<Partial<Record<Exclude<keyof R, 'type'>, true | string>>>

/** By the type of record; a type that is left out never comes. */
export interface Gives {
  readonly profile?: Filled<ProfileRecord>
  readonly post?: Filled<PostRecord>
  readonly media?: Filled<MediaRecord>
  readonly comment?: Filled<CommentRecord>
  readonly like?: Filled<LikeRecord>
  readonly collection?: Filled<CollectionRecord>
  readonly item?: Filled<ItemRecord>
  readonly relation?: Filled<RelationRecord>
}

/** Fields that are known to come; true = with all that is in it. A list is described as each of its elements is. */
export type Described = true | { readonly [field: string]: Described }

/** One way to be let in: `SOCSYNC_INSTAGRAM_ACCESS_TOKEN` and what goes with it. */
export interface CredentialKind {
  /** `user token`, `API key`, `research client` */
  readonly name: string
  /** What the network allows it, as people say it: `10,000 units a day`. */
  readonly quota: string
  readonly fields: readonly CredentialField[]
  /** Keys that a renewal leaves in the credentials file beside the fields, such as when a token ends. Never secrets. */
  readonly notes?: readonly string[]
}

export interface CredentialField {
  /** Key in {@link Credential.values} and in the credentials file: `access_token`. */
  readonly key: string
  /** Environment variable; also read as `…_FILE`. */
  readonly variable: string
  readonly required: boolean
  readonly secret: boolean
}

export interface Credential {
  /** The kind's name. */
  readonly kind: string
  /** How it is called in messages and in the database: `instagram-1`. Never a secret. */
  readonly name: string
  readonly values: CredentialValues
}

/** By the keys of a kind's fields and notes. */
export type CredentialValues = Readonly<Record<string, string>>

/**
 * What can be asked about a credential itself. Calls go through `ctx`, for their tries and, where the network counts
 * them, their price. A FaultError says that the network refused, or could not be asked.
 */
export interface CredentialCheck {
  /** Asks as a run would: a token that has ended is renewed first, where that can be done. */
  inspect(options: OpenOptions, ctx: CallContext): Promise<TokenReport>
  /** Asks for a longer life and keeps what came; null = nothing of this credential can be renewed (an API key). */
  refresh(options: OpenOptions, ctx: CallContext): Promise<TokenReport | null>
}

export interface TokenReport {
  readonly works: boolean
  /** Who stands behind it, for people: `@north.pier`; null = the network does not say. */
  readonly who: string | null
  /** What to put into a list for the credential's own account; left out = it has none, or the network does not say. */
  readonly ownId?: string
  /** All of those, where there are several to choose from; left out = there is none but `ownId`. */
  readonly ownIds?: readonly string[]
  /** In the network's words; null = the network does not say. */
  readonly permissions: readonly string[] | null
  /** When somebody must act: the end of what everything else can be renewed with. Null = the network does not say. */
  readonly expiresAt: Instant | 'never' | null
  /** Why it does not work, for people. */
  readonly problem: string | null
}

/** What can be had of a network by a kind of credential, as people read it. */
export interface Ability {
  /** A kind of task, or what else a list may name. */
  readonly what: TaskKind | 'posts by id' | 'playlists' | 'tags' | 'searches' | 'older posts'
  readonly credential: string
  readonly gives: 'whole' | 'part' | 'counts only' | 'nothing'
  /** In calls, or in units where the network counts those; null = nothing is asked. */
  readonly price: string | null
  /** What is never given beyond; null = all of it can be had. */
  readonly cap: string | null
  /** How much later it is told; null = at once. */
  readonly delay: string | null
  /** What else to know; null = nothing. */
  readonly note: string | null
}

export interface OpenOptions {
  readonly credential: Credential
  /** Replaces the network's own hosts (sandbox, proxy); null = the real ones. No slash at the end. */
  readonly baseUrl: string | null
  readonly http: Http
  readonly clock: Clock
  readonly memory: Memory
  /** What the user chose of {@link Network.insights}; of what is left out the network's own choice is read. */
  readonly insights: Insights
  /**
   * Renews the credential, one process at a time. `make` is told its values as they stand and gives those that change;
   * they are written to the credentials file before all values are given back. Where they are no longer the `stale`
   * ones, another process was quicker: its are given back, and `make` is not called.
   */
  renew(
    stale: CredentialValues,
    make: (values: CredentialValues) => Promise<CredentialValues>,
  ): Promise<CredentialValues>
}

/** What an adapter learned about its API and should not have to pay for again: refused fields, a page size. Survives the process. */
export interface Memory {
  get(key: string): Json | undefined
  set(key: string, value: Json): void
}
