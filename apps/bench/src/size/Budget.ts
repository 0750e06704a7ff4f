/** Compares the bundle of an app with its size budget. */
import { readFileSync } from "node:fs"
import { Schema } from "effect"
import type { Size } from "./Size.js"

/**
 * A size budget. `gzipped` is the maximum number of bytes that an app may add to the floor, which is the smallest app on Effect.
 * `minified` holds the bytes of each package when the budget was set.
 */
export const Budget = Schema.Struct({
  gzipped: Schema.Number,
  minified: Schema.Record({ key: Schema.String, value: Schema.Number })
})

export type Budget = typeof Budget.Type

/** The budgets by app. People change them in `budgets.json`. */
export const budgets: Readonly<Record<string, Budget>> = Schema.decodeSync(
  Schema.parseJson(Schema.Record({ key: Schema.String, value: Budget }))
)(readFileSync(new URL("../../budgets.json", import.meta.url), "utf8"))

const packageOf = (module: string): string =>
  /^packages\/([^/]+)/.exec(module)?.[1] ?? /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? "the app"

const byPackage = ({ modules }: Size): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const [module, bytes] of modules) sums[packageOf(module)] = (sums[packageOf(module)] ?? 0) + bytes
  return sums
}

const spent = (size: Size, floor: Size): Budget => {
  const before = byPackage(floor)
  const added = Object.entries(byPackage(size)).map(([name, bytes]) => [name, bytes - (before[name] ?? 0)] as const)
  return {
    gzipped: size.gzipped - floor.gzipped,
    minified: Object.fromEntries(added.filter(([name, bytes]) => name !== "the app" && bytes > 0))
  }
}

const signed = (bytes: number): string => `${bytes < 0 ? "" : "+"}${bytes}`

/** Returns a message if an app exceeds its budget, and otherwise `undefined`. The message lists the largest modules. */
export const excess = (app: string, size: Size, floor: Size, budget: Budget | undefined): string | undefined => {
  const now = spent(size, floor)
  const adds = `adds ${now.gzipped} gzipped bytes to the floor (the smallest app, floor.ts)`
  if (budget !== undefined && now.gzipped <= budget.gzipped) return undefined
  const grown = Object.entries(now.minified).map(
    ([name, bytes]) => `  ${name}: ${bytes} bytes minified (${signed(bytes - (budget?.minified[name] ?? 0))})`
  )
  const largest = [...size.modules].filter(([module]) => module.startsWith("packages/")).slice(0, 10)
  return [
    budget === undefined
      ? `apps/bench/budgets.json has no budget for ${app}, which ${adds}.`
      : `The bundle of apps/bench/src/size/apps/${app}.ts ${adds}. This is ${now.gzipped - budget.gzipped} more than the budget of ${budget.gzipped}.`,
    "Bytes of each package (and the change since the budget was set):",
    ...grown,
    "Our largest modules in the bundle:",
    ...largest.map(([module, bytes]) => `  ${module}: ${bytes}`),
    "Reduce the size. Or set this budget in apps/bench/budgets.json, and explain in the commit why the change is worth its size:",
    `  ${JSON.stringify(app)}: ${JSON.stringify({ ...now, gzipped: Math.ceil(now.gzipped / 100) * 100 })}`
  ].join("\n")
}
