import { Terminal } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import * as Progress from "../src/Progress.js"

/** What is displayed while fifty elements pass, of which all come through. */
const shown = (isTTY: boolean) =>
  Effect.gen(function* () {
    const texts: Array<string> = []
    const terminal = Terminal.Terminal.of({
      columns: Effect.succeed(80),
      rows: Effect.succeed(24),
      isTTY: Effect.succeed(isTTY),
      readInput: Effect.die("nothing is read"),
      readLine: Effect.die("nothing is read"),
      display: (text) => Effect.sync(() => void texts.push(text))
    })
    const passed = yield* Stream.range(1, 50).pipe(
      Progress.track("days sent"),
      Stream.runCollect,
      Effect.provideService(Terminal.Terminal, terminal)
    )
    assert.strictEqual(Chunk.size(passed), 50)
    return texts
  })

it.effect("counts on one line of a terminal, and clears it", () =>
  Effect.gen(function* () {
    const clear = "\r\u001B[2K"
    assert.deepStrictEqual(yield* shown(true), [`${clear}  20 days sent`, `${clear}  40 days sent`, clear])
  })
)

it.effect("shows nothing where there is no terminal", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* shown(false), [])
  })
)
