/** What the bare server has seen since it was last asked. */
export interface Seen {
  readonly requests: number
  /** Of all bodies. */
  readonly bytes: number
  /** Of the first request, with its method and path, but for the length of its body. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
}
