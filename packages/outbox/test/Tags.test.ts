/** Tests the tags of errors and the keys of services in all packages, because one program can use all packages. */
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Context, Predicate } from "effect"

/** The packages to load. Each package is listed after the packages whose modules it re-exports. */
const packages = ["core", "client", "outbox", "emulator"]

interface Named {
  readonly package: string
  readonly value: object
}

const modules = (name: string): ReadonlyArray<string> =>
  readdirSync(new URL(`../../${name}/src`, import.meta.url))
    .filter((file) => file.endsWith(".ts") && file !== "bin.ts")
    .map((file) => file.slice(0, -".ts".length))
    .map((module) => `@mammoth-effect/${name}${module === "index" ? "" : `/${module}`}`)

/** Returns the classes and tags among the exports of a module, and of the modules that it exports. */
const collect = (exports: unknown): ReadonlyArray<object> =>
  Predicate.isRecord(exports)
    ? Object.values(exports).flatMap((value) =>
        Object.prototype.toString.call(value) === "[object Module]"
          ? collect(value)
          : Predicate.isFunction(value) || Context.isTag(value)
            ? [value]
            : []
      )
    : []

const load = async (): Promise<ReadonlyArray<Named>> => {
  const found = new Map<object, Named>()
  for (const name of packages) {
    for (const path of modules(name)) {
      const exports: unknown = await import(path)
      for (const value of collect(exports)) if (!found.has(value)) found.set(value, { package: name, value })
    }
  }
  return [...found.values()]
}

const text = (value: object, property: string): string => String(Reflect.get(value, property))

/** Returns the tag of a class of errors. A plain error of the promise API has its tag on each instance. */
const tagOf = (value: object): string =>
  Predicate.isFunction(value) && !("_tag" in value) ? text(Reflect.construct(value, [{}]), "_tag") : text(value, "_tag")

const isErrorClass = ({ value }: Named): boolean => Reflect.get(value, "prototype") instanceof Error

/**
 * Returns the files of an installed package that contain a string with the given beginning. Looks for the package among
 * the dependencies of this package, and among those of `@effect/platform-node`.
 */
const declaring = (name: string, beginning: string): ReadonlyArray<string> => {
  const require = createRequire(import.meta.url)
  const paths = [import.meta.dirname, dirname(require.resolve("@effect/platform-node/package.json"))]
  const folder = join(dirname(require.resolve(`${name}/package.json`, { paths })), "dist/esm")
  const quoted = new RegExp(`["'\`]${beginning}`)
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".js") && quoted.test(readFileSync(join(folder, file), "utf8"))
  )
}

describe("The packages", async () => {
  const all = await load()
  const errors = all.filter(isErrorClass)
  const tags = all.filter(({ value }) => Context.isTag(value))

  it("export errors, and every package except core exports service tags", () => {
    for (const name of packages)
      assert.isNotEmpty(
        errors.filter((error) => error.package === name),
        name
      )
    for (const name of packages.slice(1))
      assert.isNotEmpty(
        tags.filter((tag) => tag.package === name),
        name
      )
    assert.isAbove(errors.length, 20)
  })

  it("tag each error with Mammoth and the name of its class", () => {
    for (const { value } of errors) assert.strictEqual(tagOf(value), `Mammoth${text(value, "name")}`)
  })

  it("give each error a different tag", () => {
    assert.strictEqual(new Set(errors.map(({ value }) => tagOf(value))).size, errors.length)
  })

  it("begin the identifier of each error and service with the name of its package", () => {
    for (const { package: name, value } of errors) {
      if ("identifier" in value)
        assert.strictEqual(text(value, "identifier"), `@mammoth-effect/${name}/${text(value, "name")}`)
    }
    for (const { package: name, value } of tags) {
      assert.match(text(value, "key"), new RegExp(`^@mammoth-effect/${name}/[A-Z]\\w*$`))
    }
  })
})

describe("The packages of Effect", () => {
  it.each(["effect", "@effect/platform", "@effect/sql", "@effect/experimental", "@effect/rpc"])(
    "use no name that begins with Mammoth: %s",
    (name) => {
      assert.isEmpty(declaring(name, "Mammoth"))
      assert.isNotEmpty(declaring(name, "[A-Z]\\w+Error"))
    }
  )
})
