/** A line that tells how far a stream has come, where there is a terminal to show it. */
import { Terminal } from "@effect/platform"
import { Effect, Stream } from "effect"

const clear = "\r\u001B[2K"

/** Counts what passes on one line of the terminal, and clears it at the end; nothing where stdout is no terminal. */
export const track =
  (label: string) =>
  <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R | Terminal.Terminal> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const terminal = yield* Terminal.Terminal
        if (!(yield* terminal.isTTY)) return self
        const show = (text: string) => Effect.ignore(terminal.display(text))
        let count = 0
        return self.pipe(
          Stream.tap(() =>
            ++count % 20 === 0 ? show(`${clear}  ${count.toLocaleString("en")} ${label}`) : Effect.void
          ),
          Stream.ensuring(show(clear))
        )
      })
    )
