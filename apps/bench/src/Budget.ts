/** What each app may have in its bundle, and what to say of one that has more. */
import { readFileSync } from "node:fs"
import { Schema } from "effect"
import type { Size } from "./Size.js"

/** Bytes that an app may add to the floor, minified and gzipped; and minified ones, by package, when that was written. */
export const Budget = Schema.Struct({
  gzipped: Schema.Number,
  minified: Schema.Record({ key: Schema.String, value: Schema.Number })
})

export type Budget = typeof Budget.Type

/** By app. Whoever needs more changes the file, by hand. */
export const budgets: Readonly<Record<string, Budget>> = Schema.decodeSync(
  Schema.parseJson(Schema.Record({ key: Schema.String, value: Budget }))
)(readFileSync(new URL("../budgets.json", import.meta.url), "utf8"))

/** The package that a module belongs to. */
const packageOf = (module: string): string =>
  /^packages\/([^/]+)/.exec(module)?.[1] ?? /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? "the app"

const byPackage = ({ modules }: Size): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const [module, bytes] of modules) sums[packageOf(module)] = (sums[packageOf(module)] ?? 0) + bytes
  return sums
}

/** What an app adds to the floor. */
export const spent = (size: Size, floor: Size): Budget => {
  const before = byPackage(floor)
  return {
    gzipped: size.gzipped - floor.gzipped,
    minified: Object.fromEntries(
      Object.entries(byPackage(size)).flatMap(([name, bytes]) => {
        const added = bytes - (before[name] ?? 0)
        return name === "the app" || added <= 0 ? [] : [[name, added]]
      })
    )
  }
}

const signed = (bytes: number): string => `${bytes < 0 ? "" : "+"}${bytes}`

/** What is wrong with the size of an app, in words, where it is more than the budget allows. */
export const excess = (app: string, size: Size, floor: Size, budget: Budget | undefined): string | undefined => {
  const now = spent(size, floor)
  if (budget !== undefined && now.gzipped <= budget.gzipped) return undefined
  const grown = Object.entries(now.minified).map(([name, bytes]) => {
    const before = budget?.minified[name] ?? 0
    return `  ${name}: ${bytes} bytes minified (${signed(bytes - before)})`
  })
  const largest = [...size.modules].filter(([module]) => module.startsWith("packages/")).slice(0, 10)
  return [
    budget === undefined
      ? `apps/bench/budgets.json has no budget for ${app}, which adds ${now.gzipped} bytes to the floor, gzipped.`
      : `The bundle of apps/bench/src/sizes/${app}.ts adds ${now.gzipped} bytes to the floor, gzipped: ${now.gzipped - budget.gzipped} more than its budget of ${budget.gzipped}.`,
    "By package, and compared with when the budget was written:",
    ...grown,
    "Our largest modules in it:",
    ...largest.map(([module, bytes]) => `  ${module}: ${bytes}`),
    "If it is worth that much to everybody who has this in a bundle, write in apps/bench/budgets.json, and say why in the commit:",
    `  ${JSON.stringify(app)}: ${JSON.stringify({ ...now, gzipped: Math.ceil(now.gzipped / 100) * 100 })}`
  ].join("\n")
}
