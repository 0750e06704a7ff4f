import { FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Ref } from "effect"
import { DeadLetters, IngestError, type WebhookSink } from "../src/index.js"

const letter = (index: number): WebhookSink.DeadLetter<unknown> => ({
  row: { id: index },
  index,
  error: new IngestError.RowRefused({ index, issues: [] })
})

const temporary = Effect.gen(function* () {
  const fileSystem = yield* FileSystem.FileSystem
  const path = `${yield* fileSystem.makeTempDirectoryScoped()}/dead.ndjson`
  return { fileSystem, path }
})

/** Returns the row of each line of a dead-letter file, or `undefined` for an incomplete line. */
const rowsOf = (text: string): ReadonlyArray<unknown> =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line.endsWith("}") ? JSON.parse(line).row : undefined))

describe("ndjsonFile", () => {
  it.scopedLive("passes each dead letter to onLost if the disk is full, and logs nothing", () =>
    Effect.gen(function* () {
      const lost = yield* Ref.make<ReadonlyArray<readonly [number, boolean]>>([])
      const logged: Array<unknown> = []
      const write = yield* DeadLetters.ndjsonFile<unknown>("/dev/full", {
        onLost: ({ letter, reason }) =>
          Ref.update(lost, (all) => [...all, [letter.index, reason.includes("ENOSPC")] as const])
      })
      yield* Effect.forEach([letter(3), letter(4)], write).pipe(
        Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ message }) => logged.push(message))
          )
        )
      )
      assert.deepStrictEqual(yield* Ref.get(lost), [
        [3, true],
        [4, true]
      ])
      assert.deepStrictEqual(logged, [])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scopedLive("logs a failed write of a dead letter if onLost is not set", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const write = yield* DeadLetters.ndjsonFile<unknown>("/dev/full")
      yield* write(letter(3)).pipe(
        Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ message }) => logged.push(message))
          )
        )
      )
      assert.deepStrictEqual(logged, [["a dead letter could not be written"]])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scopedLive("begins a new line if the file ends with an incomplete dead letter", () =>
    Effect.gen(function* () {
      const { fileSystem, path } = yield* temporary
      yield* fileSystem.writeFileString(path, '{"index":0,"ro')
      const write = yield* DeadLetters.ndjsonFile<unknown>(path)
      yield* Effect.forEach([letter(1), letter(2)], write)
      assert.deepStrictEqual(rowsOf(yield* fileSystem.readFileString(path)), [undefined, { id: 1 }, { id: 2 }])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
