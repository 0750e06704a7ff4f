// Changes the compiled code of a package, so that bundlers can remove each value that an app does not use. The script compiles
// `src` in the current folder again, and overwrites `dist/*.js`. It wraps each top-level value for which `isPlain` returns false:
//
//   export const list = /*#__PURE__*/ (() => Operation.make({ … }))()
//
// Without the mark `#__PURE__`, bundlers keep an unused call, because the call could have side effects. They then also keep other
// values of the module. A mark without a wrapper is not enough: bundlers keep a marked call if its arguments read a property,
// such as `list.route`.
// If an app uses a value, bundlers remove the wrapper of this value. So the wrapper adds no bytes to the app.
//
//   node ../../scripts/pure.mjs   (run the script after tsc; it does not change the declarations)
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import ts from "typescript"

/** Returns true if bundlers can remove an unused value: a literal, a function, a name, or an array or object of these. */
const isPlain = (node) => {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlain)
  if (ts.isObjectLiteralExpression(node)) return node.properties.every(isPlain)
  if (ts.isPropertyAssignment(node)) return !ts.isComputedPropertyName(node.name) && isPlain(node.initializer)
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return isPlain(node.expression)
  return (
    ts.isFunctionLike(node)
    || ts.isIdentifier(node)
    || ts.isShorthandPropertyAssignment(node)
    || ts.isLiteralExpression(node)
    || node.kind === ts.SyntaxKind.TrueKeyword
    || node.kind === ts.SyntaxKind.FalseKeyword
    || node.kind === ts.SyntaxKind.NullKeyword
  )
}

/** @type {ts.TransformerFactory<ts.SourceFile>} */
const markPure = (context) => {
  const { factory } = context

  const pure = (expression) => {
    const body = ts.isObjectLiteralExpression(expression)
      ? factory.createParenthesizedExpression(expression)
      : expression
    const made = factory.createArrowFunction(undefined, undefined, [], undefined, undefined, body)
    const call = factory.createCallExpression(factory.createParenthesizedExpression(made), undefined, [])
    return ts.addSyntheticLeadingComment(call, ts.SyntaxKind.MultiLineCommentTrivia, "#__PURE__")
  }

  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && !isPlain(node.initializer)) {
      return factory.updateVariableDeclaration(node, node.name, undefined, node.type, pure(node.initializer))
    }
    if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ExtendsKeyword) {
      const types = node.types.map((type) =>
        !isPlain(type.expression)
          ? factory.updateExpressionWithTypeArguments(type, pure(type.expression), undefined)
          : type
      )
      return factory.updateHeritageClause(node, types)
    }
    // Skip the bodies of functions and class members, because they do not run when the module loads.
    return ts.isFunctionLike(node) || ts.isClassElement(node) || ts.isInterfaceDeclaration(node)
      ? node
      : ts.visitEachChild(node, visit, context)
  }

  return (file) => ts.visitEachChild(file, visit, context)
}

const { config } = ts.readConfigFile("tsconfig.src.json", (file) => ts.sys.readFile(file))
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())
// Set the module kind: transpiling a single file does not read the manifest that makes the file an ES module.
const compilerOptions = { ...options, module: ts.ModuleKind.ESNext }

for (const entry of readdirSync("src", { recursive: true, encoding: "utf8" })) {
  if (!entry.endsWith(".ts")) continue
  const source = join("src", entry)
  const target = join("dist", entry.replace(/\.ts$/, ".js"))
  const { outputText, sourceMapText } = ts.transpileModule(readFileSync(source, "utf8"), {
    fileName: source,
    compilerOptions,
    transformers: { before: [markPure] }
  })
  writeFileSync(target, outputText)
  const map = { ...JSON.parse(sourceMapText), sources: [relative(dirname(target), source)] }
  writeFileSync(`${target}.map`, JSON.stringify(map))
}
