/** The part of the JSON-LD processor that the tests use; the package brings no types of its own. */
declare module 'jsonld' {
  const jsonld: {
    expand(
      document: unknown,
      options?: {
        /** Throws where something has no meaning, in place of dropping it. */
        readonly safe?: boolean
        readonly base?: string
      },
    ): Promise<readonly Readonly<Record<string, unknown>>[]>
  }
  export = jsonld
}
