/** The options of the `layerConfig` functions: values, and `Config`s that read values. */
import * as Config from "effect/Config"

/** Options that are values or `Config`s of values, or one `Config` of all options. */
export type Wrapped<A> = Config.Config<A> | { readonly [Name in keyof A]: A[Name] | Config.Config.Wrap<A[Name]> }

/** Returns `true` for a value, and `false` for a `Config`. `given` is one option, or all options together. */
export const isValue = <A>(given: Config.Config<unknown> | A): given is A => !Config.isConfig(given)

/** Reads an option that is a value or a `Config` of the value. */
export const valueOf = <A>(given: Config.Config<A> | A): Config.Config<A> =>
  isValue(given) ? Config.succeed(given) : given
