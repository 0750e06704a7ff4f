/** The server's side of the contract in memory: webhooks, their rows, and an HTTP client that asks them. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Identifier from "@mammoth-effect/core/Identifier"
import * as Issue from "@mammoth-effect/core/Issue"
import type { Json } from "@mammoth-effect/core/Json"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import type { WebhookKey } from "@mammoth-effect/core/WebhookKey"
import * as WebhookPatch from "@mammoth-effect/core/WebhookPatch"
import type { SortKey, WebhookQuery } from "@mammoth-effect/core/WebhookQuery"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Order from "effect/Order"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { gunzip } from "../http/gzip.js"

/** A webhook, where it lives, and its rows; the webhook is replaced when it changes, never altered. */
export interface Entry {
  readonly place: Operations.ProjectPath
  readonly key: string
  webhook: Webhook.Webhook
  rows: Array<Json>
}

/** What there is, in the order in which it was created. */
export type Store = Map<number, Entry>

interface Answer {
  readonly status: number
  readonly document: unknown
}

interface Raw {
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  readonly pathname: string
}

const refuse = (status: number, document: unknown): Either.Either<never, Answer> => Either.left({ status, document })

const badRequest = (wrong: Issue.Issues) =>
  refuse(400, { status_code: 400, detail: Issue.formatAll(wrong), extra: null })

const failure = (status: number, name: string, message: string) => refuse(status, { error_code: status, name, message })

const refusing = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Issue.decodeUnknown(schema)
  return (value: unknown): Either.Either<A, Answer> => Either.orElse(decode(value), badRequest)
}

/** What answers one operation. */
interface Endpoint {
  readonly method: string
  readonly route: RegExp
  readonly answer: (raw: Raw) => Answer
}

const endpoint = <Path, PathI, Query, QueryI>(
  operation: {
    readonly method: string
    readonly route: string
    readonly status: number
    readonly path: Schema.Schema<Path, PathI>
    readonly query: Schema.Schema<Query, QueryI>
  },
  handle: (path: Path, query: Query, raw: Raw) => Either.Either<unknown, Answer>
): Endpoint => {
  const readPath = refusing(operation.path)
  const readQuery = refusing(operation.query)
  return {
    method: operation.method,
    route: new RegExp(`^${operation.route.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
    answer: (raw) =>
      Either.gen(function* () {
        const path = yield* readPath(raw.path)
        const query = yield* readQuery(raw.query)
        return yield* handle(path, query, raw)
      }).pipe(
        Either.match({ onLeft: (refusal) => refusal, onRight: (document) => ({ status: operation.status, document }) })
      )
  }
}

const reading = <A, I>(schema: Schema.Schema<A, I>) => {
  const read = refusing(Schema.parseJson(schema))
  return ({ text }: Raw) => read(text)
}

const readSpec = reading(Operations.create.body)
const readPatch = reading(Operations.update.body)
const readDocument = reading(Operations.addData.body)

const encodeQuery = Schema.encodeSync(Operations.list.query)

/** Dataset ids start elsewhere than webhook ids, so that a test which mixes them up fails. */
const firstDatasetId = 1001

const isRow = (value: Json): boolean => Predicate.isRecord(value)

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const matches =
  (query: WebhookQuery) =>
  ({ datasetId, id, mode, name }: Webhook.Webhook): boolean =>
    (query.id?.includes(id) ?? true)
    && (query.name?.includes(name) ?? true)
    && (query.datasetId?.includes(datasetId) ?? true)
    && (query.mode?.some((each) => each === mode) ?? true)

const bare = (value: Webhook.Webhook[WebhookField.WebhookField]): string | number =>
  Redacted.isRedacted(value) ? Redacted.value(value) : (value ?? "")

const ordered = (keys: ReadonlyArray<SortKey>): Order.Order<Webhook.Webhook> =>
  Order.combineAll(
    keys.map(([field, direction]) => {
      const by: Order.Order<Webhook.Webhook> = (a, b) => {
        const [left, right] = [bare(a[field]), bare(b[field])]
        return typeof left === "number" && typeof right === "number"
          ? Order.number(left, right)
          : Order.string(String(left), String(right))
      }
      return direction === "asc" ? by : Order.reverse(by)
    })
  )

const standard = WebhookField.all.filter((field) => field !== "secret")

/** `standard` has the secret of secure webhooks only, as the emulator answers it. */
const represent = (webhook: Webhook.Webhook, selection: WebhookField.Selection = "standard"): unknown => {
  const whole = webhook.secret === null ? standard : WebhookField.all
  const fields = selection === "min" ? WebhookField.minimal : typeof selection === "string" ? whole : selection
  return Schema.encodeSync(Webhook.projection(WebhookField.all.filter((field) => fields.includes(field))))(webhook)
}

/** The endpoints over a store. */
const makeEndpoints = (store: Store, arraysAreRows: boolean): ReadonlyArray<Endpoint> => {
  let created = 0

  const secretOf = (id: number) => Redacted.make(`memory-secret-${id}`)

  const find = ({ projectId, webhookId, workspaceId }: Operations.WebhookPath): Either.Either<Entry, Answer> => {
    const entry = store.get(webhookId)
    return entry?.place.workspaceId === workspaceId && entry.place.projectId === projectId
      ? Either.right(entry)
      : failure(404, "NotFound", "There is no such webhook in this project")
  }

  const push = (key: WebhookKey, { headers }: Raw, rows: ReadonlyArray<Json>): Either.Either<unknown, Answer> => {
    const entry = Array.from(store.values()).find((each) => each.key === Redacted.value(key))
    if (entry === undefined) return failure(404, "NotFound", "There is no webhook with this key")
    const { mode, secret } = entry.webhook
    if (secret !== null && headers["authorization"] !== Redacted.value(secret)) {
      return failure(401, "Unauthorized", "This webhook is secure: authorization has to carry its secret")
    }
    if (mode === "replace") entry.rows = []
    for (const row of rows) entry.rows.push(row)
    return Either.right({ message: "Accepted", rows: rows.length })
  }

  const rowsOf = (document: Json): Either.Either<ReadonlyArray<Json>, Answer> => {
    const notARow = (expected: string, value: Json | undefined, path: Issue.Issue["path"] = []) =>
      badRequest({ issues: [{ path, expected, received: Issue.shape(value) }], omitted: 0 })
    if (!isList(document)) {
      return isRow(document) ? Either.right([document]) : notARow("an object, which is one row", document)
    }
    if (!arraysAreRows) return notARow("an object, since this server is not set to take lists as rows", document)
    const at = document.findIndex((each) => !isRow(each))
    return at === -1 ? Either.right(document) : notARow("an object, which is one row", document[at], [at])
  }

  const change = (webhook: Webhook.Webhook, to: WebhookPatch.Change): Webhook.Webhook => {
    switch (to.path) {
      case "mode":
        return { ...webhook, mode: to.value }
      case "origins":
        return { ...webhook, origins: to.value }
      case "isSecure":
        return { ...webhook, secret: to.value ? (webhook.secret ?? secretOf(webhook.id)) : null }
    }
  }

  return [
    endpoint(Operations.list, ({ projectId, workspaceId }, query, { pathname }) => {
      const { limit = 50, offset = 0 } = query
      const found = Array.from(store.values())
        .filter(({ place }) => place.workspaceId === workspaceId && place.projectId === projectId)
        .map(({ webhook }) => webhook)
        .filter(matches(query))
      if (query.sort !== undefined) found.sort(ordered(query.sort))
      const page = found.slice(offset, offset + limit)
      const rest = page.length > 0 && offset + page.length < found.length
      const next = rest
        ? new URLSearchParams(Object.entries(encodeQuery({ ...query, limit, offset: offset + page.length })))
        : ""
      return Either.right({
        webhooks: page.map((webhook) => represent(webhook, query.fields)),
        limit,
        offset,
        next: next === "" ? "" : `${pathname}?${next.toString()}`
      })
    }),

    endpoint(Operations.create, (place, _, raw) =>
      Either.map(readSpec(raw), (spec) => {
        created += 1
        const key = `memory-key-${created}`
        const webhook: Webhook.Webhook = {
          id: Identifier.WebhookId.make(created),
          name: spec.name ?? "Generic Webhook",
          mode: spec.mode ?? "replace",
          uri: Redacted.make(`/webhook/data/${key}`),
          datasetId: Identifier.DatasetId.make(firstDatasetId + created - 1),
          origins: spec.origins ?? "*",
          secret: spec.isSecure === true ? secretOf(created) : null
        }
        store.set(created, { place, key, webhook, rows: [] })
        return { webhook: represent(webhook) }
      })
    ),

    endpoint(Operations.getDetails, (path, query) =>
      Either.map(find(path), ({ webhook }) => ({ webhook: represent(webhook, query.fields) }))
    ),

    endpoint(Operations.delete, (path) => Either.map(find(path), ({ webhook }) => void store.delete(webhook.id))),

    endpoint(Operations.update, (path, _, raw) =>
      Either.gen(function* () {
        const entry = yield* find(path)
        entry.webhook = WebhookPatch.changes(yield* readPatch(raw)).reduce(change, entry.webhook)
        return { webhook: represent(entry.webhook) }
      })
    ),

    endpoint(Operations.addDataUsingGet, ({ key }, _, raw) => Either.map(push(key, raw, [raw.query]), () => undefined)),

    endpoint(Operations.addData, ({ key }, _, raw) =>
      Either.flatMap(Either.flatMap(readDocument(raw), rowsOf), (rows) => push(key, raw, rows))
    )
  ]
}

/** The base path of the client's address, which reaches nobody. */
export const basePath = "/api/v2"

const bytesOf = ({ body }: HttpClientRequest.HttpClientRequest): Uint8Array =>
  body._tag === "Uint8Array" ? body.body : new Uint8Array()

const textOf = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<string> =>
  request.headers["content-encoding"] === "gzip"
    ? gunzip(bytesOf(request))
    : Effect.sync(() => new TextDecoder().decode(bytesOf(request)))

/** A client whose requests are answered from the store. */
export const makeHttpClient = (store: Store, arraysAreRows: boolean): HttpClient.HttpClient => {
  const endpoints = makeEndpoints(store, arraysAreRows)
  return HttpClient.make((request, url) =>
    Effect.map(textOf(request), (text) => {
      const route = url.pathname.slice(basePath.length)
      const found = endpoints.find((each) => each.method === request.method && each.route.test(route))
      const segments = Object.entries(found?.route.exec(route)?.groups ?? {})
      const { document, status } =
        found === undefined
          ? { status: 404, document: { error_code: 404, name: "NotFound", message: "There is no such operation" } }
          : found.answer({
              path: Object.fromEntries(segments.map(([name, segment]) => [name, decodeURIComponent(segment)])),
              query: Object.fromEntries(url.searchParams),
              headers: request.headers,
              text,
              pathname: url.pathname
            })
      const body = document === undefined ? null : JSON.stringify(document)
      return HttpClientResponse.fromWeb(
        request,
        new Response(body, { status, headers: body === null ? {} : { "content-type": "application/json" } })
      )
    })
  )
}
