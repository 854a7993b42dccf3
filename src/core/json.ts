/** What JSON can say. Integers beyond 2^53 never occur: the decoder in `http/json.ts` turns them into strings. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }
