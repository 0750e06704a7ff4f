/**
 * Checks that users can export values whose types TypeScript infers from the packages. Writes a library that uses each export of the
 * packages, compiles it with declarations, and then compiles a program that uses these declarations.
 *
 * TypeScript writes inferred types in full into the declarations. A private type in these declarations is an error, because
 * users cannot import it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import * as Project from "./Project.js"
import { run } from "./Run.js"

export interface Outcome {
  /** The number of values that the library exports. */
  readonly exports: number
  /** The compiler's errors in the library, followed by the errors in the program that uses the library's declarations. */
  readonly errors: ReadonlyArray<string>
  /** The paths that the declarations import. */
  readonly imports: ReadonlyArray<string>
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true
}

const configuration = {
  target: "ES2022",
  lib: ["ES2023", "DOM", "DOM.Iterable"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false
}

/**
 * The library's helper module. The helper `call` copies a function's signature with its type parameters. The helper
 * `overloads` copies a function's last four signatures without their type parameters.
 */
const helpers = `import * as Effect from "effect/Effect"
export declare const call: <A extends ReadonlyArray<any>, R>(f: (...args: A) => R) => (...args: A) => R
export declare const construct: <A extends ReadonlyArray<any>, R>(f: new (...args: A) => R) => (...args: A) => R
export declare const overloads: <A1, R1, A2, R2, A3, R3, A4, R4>(f: {
  (...args: A1 extends ReadonlyArray<any> ? A1 : never): R1
  (...args: A2 extends ReadonlyArray<any> ? A2 : never): R2
  (...args: A3 extends ReadonlyArray<any> ? A3 : never): R3
  (...args: A4 extends ReadonlyArray<any> ? A4 : never): R4
}) => [R1, R2, R3, R4]
export const success = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.map(effect, (value) => value)
`

/** Returns true if this repository declares the symbol, and false if another library declares it. */
const isOwn = (symbol: ts.Symbol): boolean =>
  (symbol.declarations ?? []).some((declaration) =>
    /[/\\]@mammoth-effect[/\\+]/.test(declaration.getSourceFile().fileName)
  )

const typeParameters = (symbol: ts.Symbol): number =>
  Math.max(
    0,
    ...(symbol.declarations ?? []).map((declaration) =>
      ts.isClassLike(declaration) || ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)
        ? (declaration.typeParameters?.length ?? 0)
        : 0
    )
  )

/**
 * The members of schemas and tags that the library exports separately. For a class, TypeScript writes only
 * `typeof` and the name into the declarations, and leaves out the types of the members.
 */
const inherited = ["fields", "Type", "Encoded", "Service"]

/** Returns expressions that use a value, such as a call. The library exports each expression with its inferred type. */
const values = (checker: ts.TypeChecker, expression: string, type: ts.Type): ReadonlyArray<string> => {
  const present = checker.getNonNullableType(type)
  const calls = present.getCallSignatures().length
  const constructors = present.getConstructSignatures()
  const names = present.isUnion() ? [] : present.getProperties().map(({ name }) => name)
  return [
    expression,
    ...(calls > 0 ? [`call(${expression}!)`] : []),
    ...(calls > 1 ? [`overloads(${expression}!)`] : []),
    // Leave out generic classes: TypeScript copies `<out A>` to the type of a function, where `out` is an error.
    ...(constructors.some(({ typeParameters = [] }) => typeParameters.length === 0)
      ? [`construct(${expression}!)`]
      : []),
    ...(names.some((name) => name.startsWith("__@EffectTypeId")) ? [`success(${expression}!)`] : []),
    ...inherited.filter((name) => names.includes(name)).map((name) => `${expression}!.${name}`)
  ]
}

/** Returns the source of the library's file for one module, and the number of its exports. */
const write = (checker: ts.TypeChecker, entry: string, module: ts.Symbol): readonly [text: string, count: number] => {
  const declarations: Array<string> = []
  const exported: Array<string> = []
  const members = (path: string, symbol: ts.Symbol) => {
    const parameters = typeParameters(symbol)
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    const own = checker.getPropertiesOfType(checker.getApparentType(type)).filter(isOwn)
    const named = own.filter((property) => !property.name.startsWith("__@"))
    if (named.length === 0) return
    const variable = `t${declarations.length}`
    const suffix = parameters === 0 ? "" : `<${Array.from({ length: parameters }, () => "any").join(", ")}>`
    declarations.push(`declare const ${variable}: ${path}${suffix}`)
    for (const property of named) {
      exported.push(
        ...values(checker, `${variable}[${JSON.stringify(property.name)}]`, checker.getTypeOfSymbol(property))
      )
    }
  }
  const walk = (path: string, container: ts.Symbol) => {
    for (const found of checker.getExportsOfModule(container)) {
      const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found
      const inner = `${path}.${found.name}`
      if (symbol.flags & ts.SymbolFlags.ValueModule) {
        walk(inner, symbol)
        continue
      }
      // Skip the value if the module exports only the type of a class or schema, with `export type`.
      const isTypeOnly = found.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) ?? false
      if (!isTypeOnly && symbol.flags & ts.SymbolFlags.Value)
        exported.push(...values(checker, inner, checker.getTypeOfSymbol(symbol)))
      if (symbol.flags & ts.SymbolFlags.Type) members(inner, symbol)
    }
  }
  walk("m", module)
  const text = [
    `import { call, construct, overloads, success } from "./helpers.js"`,
    `import * as m from ${JSON.stringify(entry)}`,
    "void [call, construct, overloads, success]",
    ...declarations,
    ...exported.map((expression, index) => `export const v${index} = ${expression}`)
  ]
  return [`${text.join("\n")}\n`, exported.length]
}

/**
 * Returns the source of a file that imports all values of the library's file `module${index}.js`, and exports them
 * again. The source imports no package.
 */
const again = (index: number, count: number): string =>
  [
    `import * as m from "./module${index}.js"`,
    ...Array.from({ length: count }, (_, value) => `export const v${value} = m.v${value}`)
  ].join("\n")

/** Writes the library into a project, and returns the number of its exports. */
const generate = (directory: string, entries: ReadonlyArray<string>): number => {
  const folder = join(directory, "library")
  mkdirSync(folder)
  writeFileSync(join(folder, "helpers.ts"), helpers)
  const probe = join(folder, "probe.ts")
  writeFileSync(probe, entries.map((entry) => `import ${JSON.stringify(entry)}`).join("\n"))
  const program = ts.createProgram([probe], options)
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(probe)
  const counts = (source?.statements ?? []).map((statement, index) => {
    const module = ts.isImportDeclaration(statement)
      ? checker.getSymbolAtLocation(statement.moduleSpecifier)
      : undefined
    const entry = entries[index]
    if (module === undefined || entry === undefined)
      throw new Error(`${entry} has no declarations. Build the packages first: npx -y pnpm@12 build`)
    const [text, count] = write(checker, entry, module)
    writeFileSync(join(folder, `module${index}.ts`), text)
    writeFileSync(join(folder, `again${index}.ts`), again(index, count))
    return count
  })
  writeFileSync(probe, "export {}\n")
  return counts.reduce((sum, count) => sum + count, 0)
}

const compile = async (directory: string, name: string, settings: object): Promise<ReadonlyArray<string>> => {
  writeFileSync(join(directory, name), JSON.stringify(settings))
  const { stdout } = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", name], { cwd: directory })
  return stdout.split("\n").filter((line) => line.trim() !== "")
}

/** Writes and compiles the library for the packages of a project. Then compiles a program that uses the library. */
export const check = async (directory: string, packages: ReadonlyArray<string>): Promise<Outcome> => {
  const exports = generate(directory, packages.flatMap(Project.entries))
  const errors = await compile(directory, "tsconfig.library.json", {
    compilerOptions: {
      ...configuration,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: "library",
      outDir: "emitted"
    },
    include: ["library"]
  })
  const user = await compile(directory, "tsconfig.user.json", {
    compilerOptions: { ...configuration, noEmit: true },
    include: ["emitted"]
  })
  const emitted = readdirSync(join(directory, "emitted")).map((file) =>
    readFileSync(join(directory, "emitted", file), "utf8")
  )
  const imports = emitted.flatMap((text) =>
    [...text.matchAll(/(?:\bfrom |\bimport\()"([^"]+)"/g)].map(([, specifier = ""]) => specifier)
  )
  return { exports, errors: [...errors, ...user], imports: [...new Set(imports)].toSorted() }
}
