// A plugin for TypeDoc. It uses the comment at the top of a source file as the module's description. It uses the first heading
// of a guide as the guide's title. So sources and guides need no tags for TypeDoc.
import { readFileSync } from "node:fs"
import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc"

const parts = (text) => [{ kind: "text", text }]

export const load = (app) => {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [, title] = /^# (.+)\n/.exec(document.content[0]?.text ?? "") ?? []
    if (title !== undefined) document.name = title
  })

  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const file = context.project.getSymbolIdFromReflection(reflection)?.fileName
    if (!reflection.kindOf(ReflectionKind.Module) || reflection.hasComment() || file === undefined) return
    const [, comment] = /^\s*\/\*\*(.*?)\*\/\s*(?:import\b|export [*{]|\/\/\/)/s.exec(readFileSync(file, "utf8")) ?? []
    if (comment === undefined) return
    const [summary = "", ...tags] = comment.replace(/^[ \t]*\*? ?/gm, "").split(/^(?=@)/m)
    if (summary.trim() === "") return
    reflection.comment = new Comment(
      parts(summary.trim()),
      tags.map((tag) => {
        const [, name, content] = /^(@\w+)\s*(.*)$/s.exec(tag)
        return new CommentTag(name, parts(content.trim()))
      })
    )
  })
}
