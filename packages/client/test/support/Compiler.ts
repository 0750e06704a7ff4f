/** Runs TypeScript's language service over a program in memory, with the options of a strict project. */
import { fileURLToPath } from "node:url"
import { assert } from "@effect/vitest"
import ts from "typescript"

const file = fileURLToPath(new URL("../program.ts", import.meta.url))

const options: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  types: ["node"]
}

const makeHost = (program: string): ts.LanguageServiceHost => {
  const readFile = (path: string) => (path === file ? program : ts.sys.readFile(path))
  const fileExists = (path: string) => path === file || ts.sys.fileExists(path)
  return {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => {
      const text = readFile(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => fileURLToPath(new URL("..", import.meta.url)),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    directoryExists: (path) => ts.sys.directoryExists(path),
    readDirectory: (...args) => ts.sys.readDirectory(...args),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
    fileExists,
    readFile
  }
}

/** A message of the compiler: the line number in the program, and the lines of the message. */
export interface Message {
  readonly line: number
  readonly text: ReadonlyArray<string>
}

/** Opens a program. A comment such as `/*1*\/` marks the place right after the comment. */
export const open = (program: string) => {
  const service = ts.createLanguageService(makeHost(program))
  const after = (mark: string): number => {
    const at = program.indexOf(`/*${mark}*/`)
    assert.isAtLeast(at, 0, mark)
    return at + mark.length + 4
  }
  return {
    /** Returns the messages about the program, in order. */
    messages: (): ReadonlyArray<Message> =>
      [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map((each) => ({
        line: program.slice(0, each.start).split("\n").length,
        text: ts.flattenDiagnosticMessageText(each.messageText, "\n").split("\n")
      })),
    /** Returns what an editor shows for the name after a mark: the text, the documentation and the tags. */
    hover: (mark: string) => {
      const info = service.getQuickInfoAtPosition(file, after(mark))
      return {
        text: ts.displayPartsToString(info?.displayParts),
        documentation: ts.displayPartsToString(info?.documentation),
        tags: (info?.tags ?? []).map((tag) => tag.name)
      }
    },
    /** Returns the names that an editor suggests right before a mark. */
    completions: (mark: string): ReadonlyArray<string> =>
      (service.getCompletionsAtPosition(file, after(mark) - mark.length - 4, {})?.entries ?? []).map(
        (entry) => entry.name
      ),
    /** Returns the help that an editor shows for a call whose arguments begin after a mark. */
    signature: (mark: string) => {
      const item = service.getSignatureHelpItems(file, after(mark), {})?.items[0]
      return {
        documentation: ts.displayPartsToString(item?.documentation),
        parameters: (item?.parameters ?? []).map(
          (parameter) => [parameter.name, ts.displayPartsToString(parameter.documentation)] as const
        )
      }
    }
  }
}
