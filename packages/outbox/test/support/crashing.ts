/**
 * Offers and delivers rows for the crash test, until the process is killed. Writes `begin n` before each offer and `ack
 * n` after each offer, to a pipe. The test can still read the pipe after the process is killed. After the command
 * `drain`, delivers the remaining rows, and writes the numbers of delivered rows and dead letters.
 */
import { writeSync } from "node:fs"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as RequestOptions from "@mammoth-effect/client/RequestOptions"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Schema from "effect/Schema"
import * as Outbox from "../../src/Outbox.js"
import * as OutboxStore from "../../src/OutboxStore.js"
import * as OutboxWorker from "../../src/OutboxWorker.js"
import * as WebhookResolver from "../../src/WebhookResolver.js"
import { StoreLayer } from "./Store.js"

const pipe = 3

/** Writes a line to the pipe synchronously. A line to stdout could be lost when the process is killed. */
const say = (line: string) => Effect.sync(() => void writeSync(pipe, `${line}\n`))

const command = Effect.async<string>((resume) => {
  process.stdin.setEncoding("utf8").once("data", (text: string) => resume(Effect.succeed(text.trim())))
})

/** Writes the number of rows that another worker had taken over before their results were recorded. */
const watched = (store: OutboxStore.Service): OutboxStore.Service => ({
  ...store,
  settle: (owner, settlements) =>
    Effect.tap(store.settle(owner, settlements), (settled) =>
      settled.length < settlements.length ? say(`lost ${settlements.length - settled.length}`) : Effect.void
    )
})

/** Writes the row of each request whose delivery is unknown. Adds the process and the time to each request, as headers. */
const WebhooksLayer = Layer.effect(
  Webhooks.Webhooks,
  Effect.map(Webhooks.Webhooks, (webhooks) => ({
    ...webhooks,
    addEncodedData: (...[target, document, options]: Parameters<Webhooks.Service["addEncodedData"]>) =>
      Effect.suspend(() =>
        Effect.tapError(webhooks.addEncodedData(target, document, options), ({ delivery }) =>
          delivery === "Unknown" ? say(`unknown ${/\d+/.exec(String(document))?.[0]}`) : Effect.void
        ).pipe(
          RequestOptions.withOptions({ headers: { "x-process": String(process.pid), "x-at": String(Date.now()) } })
        )
      )
  }))
).pipe(Layer.provide(Webhooks.layerConfig()), Layer.provide(NodeHttpClient.layerUndici))

const program = Effect.gen(function* () {
  const outbox = yield* Outbox.make("crash", {
    schema: Schema.Struct({ n: Schema.Int }),
    id: ({ n }) => String(n)
  })
  yield* say("ready")
  const [what = "", first = "0"] = (yield* command).split(" ")
  const worker = OutboxWorker.make(outbox, {
    lease: "1 second",
    timeout: "400 millis",
    pollInterval: "50 millis",
    backoff: { initialInterval: "20 millis", maxInterval: "500 millis" }
  })
  yield* worker
  if (what === "drain") {
    yield* outbox.drain
    const { dead, delivered } = yield* outbox.counts
    return yield* say(`drained ${delivered} ${dead}`)
  }
  let next = Number(first)
  const begin = () => {
    next += 1
    return Effect.as(say(`begin ${next}`), { n: next })
  }
  const offerOne = Effect.flatMap(Effect.suspend(begin), (row) =>
    Effect.zipRight(outbox.offer(row), say(`ack ${row.n}`))
  )
  const offerSome = Effect.flatMap(Effect.forEach([1, 2, 3, 4, 5], begin), (rows) =>
    Effect.zipRight(
      outbox.offerAll(rows),
      Effect.forEach(rows, ({ n }) => say(`ack ${n}`))
    )
  )
  return yield* Effect.forever(
    Effect.zipRight(Effect.repeatN(offerOne, 4), Effect.zipRight(offerSome, Effect.sleep(5)))
  )
})

program
  .pipe(
    Effect.scoped,
    Effect.provide([
      WebhooksLayer,
      WebhookResolver.layerConfig({ crash: Config.redacted("CRASH_WEBHOOK") }),
      Layer.map(StoreLayer, (context) =>
        Context.make(OutboxStore.OutboxStore, watched(Context.get(context, OutboxStore.OutboxStore)))
      ),
      Logger.minimumLogLevel(LogLevel.Error)
    ]),
    Effect.runPromise
  )
  .then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    }
  )
