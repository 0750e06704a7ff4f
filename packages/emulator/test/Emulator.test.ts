import * as Os from "node:os"
import * as Zlib from "node:zlib"
import { assert, describe, it, layer } from "@effect/vitest"
import { Operations } from "@mammoth-effect/core"
import { Effect, Exit, Random, Redacted, Scope } from "effect"
import { Emulator, Fault } from "../src/index.js"
import {
  type Answer,
  call,
  callInPieces,
  create,
  exchange,
  forms,
  inProject,
  json,
  keys,
  pathOf,
  requestText,
  wait
} from "./support.js"

for (const [where, form] of Object.entries(forms)) {
  layer(form.layer)(`an emulator ${where}`, (it) => {
    describe("every operation", () => {
      it.effect("responds with 401 if the account's key or secret is missing or wrong", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data, id } = yield* create(emulator, 1)
          const good = keys(emulator)
          const wrong: ReadonlyArray<Record<string, string>> = [
            {},
            { "x-api-key": good["x-api-key"] },
            { "x-api-secret": good["x-api-secret"] },
            { ...good, "x-api-key": "wrong" },
            { ...good, "x-api-secret": "wrong" },
            { authorization: good["x-api-key"] }
          ]
          const parameters = { webhook_id: id, webhook_uri: data.split("/").at(-1) }
          for (const operation of Object.values(Operations)) {
            for (const headers of wrong) {
              const answer = yield* call(emulator, operation.method, `${pathOf(operation, parameters)}?a=1`, {
                headers
              })
              assert.strictEqual(answer.status, 401, operation.name)
              assert.deepStrictEqual(json(answer), {
                error_code: 401,
                name: "Unauthorized",
                message: "The API key or the API secret is missing or wrong"
              })
            }
          }
          assert.deepStrictEqual(yield* emulator.rows(id), [])
        })
      )
    })

    describe("create", () => {
      it.effect("fills in the published defaults", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const answer = yield* call(emulator, "POST", inProject(2), { body: {} })
          assert.strictEqual(answer.status, 201)
          assert.strictEqual(answer.headers.get("content-type"), "application/json")
          const { webhook } = json(answer)
          assert.deepStrictEqual(Object.keys(webhook), ["id", "name", "mode", "uri", "ds_id", "origins"])
          assert.strictEqual(webhook.name, "Generic Webhook")
          assert.strictEqual(webhook.mode, "replace")
          assert.strictEqual(webhook.origins, "*")
          assert.match(webhook.uri, /^\/webhook\/data\/[A-Za-z0-9]{24}$/)
          assert.notStrictEqual(webhook.ds_id, webhook.id)
        })
      )

      it.effect("accepts every setting, and gives a secure webhook a secret", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const body = {
            name: "orders",
            mode: "combine",
            origins: "a.example",
            is_secure: true,
            folder_resource_id: null
          }
          const { webhook } = json(yield* call(emulator, "POST", inProject(3), { body }))
          assert.strictEqual(webhook.name, "orders")
          assert.strictEqual(webhook.mode, "combine")
          assert.strictEqual(webhook.origins, "a.example")
          assert.match(webhook.secret, /^[A-Za-z0-9]{32}$/)
        })
      )

      it.effect(
        "refuses invalid settings with the published 400 body, which names each mistake without its value",
        () =>
          Effect.gen(function* () {
            const emulator = yield* Emulator.Emulator
            const answer = yield* call(emulator, "POST", inProject(4), { body: { name: "", mode: "hunter2" } })
            assert.strictEqual(answer.status, 400)
            const name = "expected a well-formed name of at least one character, received an empty string"
            const mode = `expected "replace" or "combine", received a string of 7 characters`
            assert.deepStrictEqual(json(answer), {
              status_code: 400,
              detail: `name: ${name}; mode: ${mode}`,
              extra: [
                { path: ["name"], message: name },
                { path: ["mode"], message: mode }
              ]
            })
            assert.strictEqual(json(yield* call(emulator, "GET", inProject(4))).webhooks.length, 0)
          })
      )

      it.effect("refuses malformed JSON, an empty body and other JSON types with a 400 that shows no value", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          for (const raw of [`{"name": "hunter2`, "", "  ", "[]", "null", `"x"`]) {
            const answer = yield* call(emulator, "POST", inProject(5), { raw })
            assert.strictEqual(answer.status, 400, raw)
            const body = json(answer)
            assert.deepStrictEqual(Object.keys(body), ["status_code", "detail", "extra"])
            assert.isArray(body.extra)
            assert.notInclude(answer.text, "hunter2")
          }
        })
      )

      it.effect("refuses workspace ids that are not integers of 1 or more", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          for (const path of ["/workspaces/0/projects/1/webhooks", "/workspaces/a/projects/1/webhooks"]) {
            const answer = yield* call(emulator, "POST", path, { body: {} })
            assert.strictEqual(answer.status, 400)
            assert.deepStrictEqual(json(answer).extra[0].path, ["workspace_id"])
          }
        })
      )
    })

    describe("list", () => {
      const seed = (emulator: Emulator.Service, projectId: number) =>
        Effect.gen(function* () {
          const a = yield* create(emulator, projectId, { name: "b", mode: "combine" })
          const b = yield* create(emulator, projectId, { name: "a", mode: "replace" })
          const c = yield* create(emulator, projectId, { name: "b", mode: "replace", is_secure: true })
          return [a, b, c] as const
        })

      it.effect("filters by id, name, dataset and mode, and combines these filters", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const [a, b, c] = yield* seed(emulator, 10)
          const cases: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
            ["", [a.id, b.id, c.id]],
            [`id=${a.id},${c.id}`, [a.id, c.id]],
            ["name=b", [a.id, c.id]],
            ["name=B", []],
            ["name=a,b", [a.id, b.id, c.id]],
            [`ds_id=${b.ds_id}`, [b.id]],
            ["mode=replace", [b.id, c.id]],
            ["name=b&mode=replace", [c.id]],
            ["id=&name=&ds_id=&mode=&fields=&sort=&limit=&offset=", [a.id, b.id, c.id]],
            ["colour=red", [a.id, b.id, c.id]],
            ["name=b&name=a", [b.id]]
          ]
          for (const [query, ids] of cases) {
            const answer = yield* call(emulator, "GET", inProject(10, `?${query}`))
            assert.strictEqual(answer.status, 200, query)
            assert.deepStrictEqual(
              json(answer).webhooks.map((webhook: { id: number }) => webhook.id),
              ids,
              query
            )
          }
        })
      )

      it.effect("sorts by several keys, and by ascending id by default", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const [a, b, c] = yield* seed(emulator, 11)
          const cases: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
            ["(id:desc)", [c.id, b.id, a.id]],
            ["(name:asc),(id:desc)", [b.id, c.id, a.id]],
            ["(name:desc),(id:asc)", [a.id, c.id, b.id]],
            ["(mode:asc),(ds_id:desc)", [a.id, c.id, b.id]]
          ]
          for (const [sort, ids] of cases) {
            const page = json(yield* call(emulator, "GET", inProject(11, `?sort=${sort}`)))
            assert.deepStrictEqual(
              page.webhooks.map((webhook: { id: number }) => webhook.id),
              ids,
              sort
            )
          }
        })
      )

      it.effect("returns pages by limit and offset, and links to the next page on all pages except the last", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const [a, b, c] = yield* seed(emulator, 12)
          const first = json(yield* call(emulator, "GET", inProject(12, "?limit=2&mode=combine,replace")))
          assert.deepStrictEqual([first.limit, first.offset], [2, 0])
          assert.deepStrictEqual(
            first.webhooks.map((webhook: { id: number }) => webhook.id),
            [a.id, b.id]
          )
          const link = new URL(first.next, emulator.baseUrl)
          assert.strictEqual(link.pathname, `/api/v2${inProject(12)}`)
          assert.deepStrictEqual(Object.fromEntries(link.searchParams), {
            mode: "combine,replace",
            limit: "2",
            offset: "2"
          })
          const second = json(yield* call(emulator, "GET", first.next.replace("/api/v2", "")))
          assert.deepStrictEqual([second.limit, second.offset, second.next], [2, 2, ""])
          assert.deepStrictEqual(
            second.webhooks.map((webhook: { id: number }) => webhook.id),
            [c.id]
          )
          const none = json(yield* call(emulator, "GET", inProject(12, "?limit=0")))
          assert.deepStrictEqual(none, { webhooks: [], limit: 0, offset: 0, next: "" })
          const beyond = json(yield* call(emulator, "GET", inProject(12, "?offset=9")))
          assert.deepStrictEqual(beyond, { webhooks: [], limit: 50, offset: 9, next: "" })
        })
      )

      it.effect("returns 50 webhooks by default", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          yield* Effect.forEach(Array.from({ length: 51 }), () => create(emulator, 13), { concurrency: 10 })
          const page = json(yield* call(emulator, "GET", inProject(13)))
          assert.strictEqual(page.webhooks.length, 50)
          assert.strictEqual(page.next, `/api/v2${inProject(13)}?limit=50&offset=50`)
        })
      )

      it.effect("returns the fields of __min, __standard and __full, or exactly the listed fields", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          yield* seed(emulator, 14)
          const shape = (fields: string) =>
            Effect.map(call(emulator, "GET", inProject(14, `?fields=${fields}`)), (answer) =>
              json(answer).webhooks.map((webhook: object) => Object.keys(webhook).join())
            )
          const min = "id,name,mode,uri,ds_id"
          assert.deepStrictEqual(yield* shape("__min"), [min, min, min])
          const standard = `${min},origins`
          assert.deepStrictEqual(yield* shape("__standard"), [standard, standard, `${standard},secret`])
          assert.deepStrictEqual(yield* shape("__full"), [standard, standard, `${standard},secret`])
          assert.deepStrictEqual(yield* shape("id,name"), ["id,name", "id,name", "id,name"])
          assert.deepStrictEqual(yield* shape("ds_id"), ["ds_id", "ds_id", "ds_id"])
          assert.deepStrictEqual(yield* shape("secret"), ["secret", "secret", "secret"])
        })
      )

      it.effect("responds with 400 to parameters that are not valid", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const bad = [
            "limit=101",
            "limit=-1",
            "limit=x",
            "offset=-1",
            "id=1,x",
            "ds_id=x",
            "mode=merge",
            "fields=colour",
            "fields=__tiny",
            "sort=id",
            "sort=(id:up)",
            "sort=(colour:asc)"
          ]
          for (const query of bad) {
            const answer = yield* call(emulator, "GET", inProject(15, `?${query}`))
            assert.strictEqual(answer.status, 400, query)
            assert.strictEqual(json(answer).status_code, 400)
            assert.notInclude(answer.text, "datasetId")
          }
        })
      )

      it.effect("returns only the webhooks of the workspace and the project in the path", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          yield* create(emulator, 16)
          assert.strictEqual(json(yield* call(emulator, "GET", inProject(16))).webhooks.length, 1)
          for (const path of ["/workspaces/1/projects/17/webhooks", "/workspaces/2/projects/16/webhooks"]) {
            assert.strictEqual(json(yield* call(emulator, "GET", path)).webhooks.length, 0)
          }
        })
      )
    })

    describe("getDetails", () => {
      it.effect("returns one webhook, with the requested fields", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data: _, ...made } = yield* create(emulator, 20, { name: "one" })
          const answer = yield* call(emulator, "GET", inProject(20, `/${made.id}`))
          assert.strictEqual(answer.status, 200)
          assert.deepStrictEqual(json(answer), { webhook: made })
          const narrow = yield* call(emulator, "GET", inProject(20, `/${made.id}?fields=name,id`))
          assert.deepStrictEqual(json(narrow), { webhook: { id: made.id, name: "one" } })
          assert.strictEqual((yield* call(emulator, "GET", inProject(20, `/${made.id}?fields=x`))).status, 400)
        })
      )

      it.effect("responds with 404 to an unknown webhook or another project, and with 400 to an invalid id", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { id } = yield* create(emulator, 21)
          const missing = [
            inProject(21, "/987654"),
            inProject(22, `/${id}`),
            `/workspaces/2/projects/21/webhooks/${id}`
          ]
          for (const path of missing) {
            for (const method of ["GET", "DELETE"]) {
              const answer = yield* call(emulator, method, path)
              assert.strictEqual(answer.status, 404)
              assert.deepStrictEqual(Object.keys(json(answer)), ["error_code", "name", "message"])
            }
            const body = { patch: [{ op: "replace", path: "mode", value: "combine" }] }
            assert.strictEqual((yield* call(emulator, "PATCH", path, { body })).status, 404)
          }
          assert.strictEqual((yield* call(emulator, "GET", inProject(21, "/x"))).status, 400)
        })
      )
    })

    describe("delete", () => {
      it.effect("responds with 204 and no body, and deletes the webhook with its rows", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data, id } = yield* create(emulator, 30)
          const answer = yield* call(emulator, "DELETE", inProject(30, `/${id}`))
          assert.deepStrictEqual([answer.status, answer.text], [204, ""])
          assert.strictEqual((yield* call(emulator, "DELETE", inProject(30, `/${id}`))).status, 404)
          assert.strictEqual((yield* call(emulator, "POST", data, { body: {} })).status, 404)
          const rows = yield* Effect.flip(emulator.rows(id))
          assert.strictEqual(rows._tag, "MammothUnknownWebhook")
          assert.strictEqual(rows.message, `The emulator has no webhook ${id}`)
        })
      )
    })

    describe("update", () => {
      const patch = (emulator: Emulator.Service, projectId: number, id: number, ...changes: ReadonlyArray<unknown>) =>
        call(emulator, "PATCH", inProject(projectId, `/${id}`), { body: { patch: changes } })

      it.effect("applies changes of mode and origins in the given order", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data: _, ...made } = yield* create(emulator, 40)
          const answer = yield* patch(
            emulator,
            40,
            made.id,
            { op: "replace", path: "mode", value: "combine" },
            { op: "replace", path: "origins", value: "a.example" },
            { op: "replace", path: "origins", value: "b.example" }
          )
          assert.strictEqual(answer.status, 200)
          assert.deepStrictEqual(json(answer), { webhook: { ...made, mode: "combine", origins: "b.example" } })
          assert.deepStrictEqual(json(yield* call(emulator, "GET", inProject(40, `/${made.id}`))), json(answer))
        })
      )

      it.effect("creates a secret if is_secure becomes true, and removes it if is_secure becomes false", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { id } = yield* create(emulator, 41)
          const secure = (value: boolean) =>
            Effect.map(
              patch(emulator, 41, id, { op: "replace", path: "is_secure", value }),
              (answer) => json(answer).webhook
            )
          const { secret } = yield* secure(true)
          assert.match(secret, /^\w{32}$/)
          assert.strictEqual((yield* secure(true)).secret, secret)
          assert.notProperty(yield* secure(false), "secret")
          assert.notStrictEqual((yield* secure(true)).secret, secret)
        })
      )

      it.effect("lists only the first 20 issues of a patch with many mistakes", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { id } = yield* create(emulator, 43)
          const refused = json(yield* patch(emulator, 43, id, ...Array.from({ length: 5000 }, () => ({ op: 1 }))))
          assert.strictEqual(refused.extra.length, 20)
          assert.match(refused.detail, /; and [\d,]+ more$/)
          assert.isBelow(refused.detail.length, 4000)
        })
      )

      it.effect("refuses an empty patch, and unknown paths, operations and value types", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { id } = yield* create(emulator, 42)
          const bad: ReadonlyArray<ReadonlyArray<unknown>> = [
            [],
            [{ op: "replace", path: "name", value: "x" }],
            [{ op: "add", path: "mode", value: "combine" }],
            [{ op: "replace", path: "mode", value: "merge" }],
            [{ op: "replace", path: "origins", value: 1 }],
            [{ op: "replace", path: "is_secure", value: "yes" }]
          ]
          for (const changes of bad) assert.strictEqual((yield* patch(emulator, 42, id, ...changes)).status, 400)
          const detail = (...changes: ReadonlyArray<unknown>) =>
            Effect.map(patch(emulator, 42, id, ...changes), (answer) => json(answer).detail)
          assert.strictEqual(
            yield* detail({ op: "replace", path: "isSecure", value: true }),
            `patch[0].path: expected "mode" or "origins" or "is_secure", received a string of 8 characters`
          )
          assert.strictEqual(
            yield* detail(),
            "patch: expected at least one change: mode, origins or is_secure, received an empty list"
          )
        })
      )
    })

    describe("addData", () => {
      it.effect("appends rows in mode combine, and replaces all rows in mode replace", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const combine = yield* create(emulator, 50, { mode: "combine" })
          const replace = yield* create(emulator, 50, { mode: "replace" })
          for (const { data } of [combine, replace]) {
            for (const n of [1, 2]) {
              const answer = yield* call(emulator, "POST", data, { body: { n, nested: { list: [null, "ü"] } } })
              assert.strictEqual(answer.status, 201)
              assert.deepStrictEqual(json(answer), { message: "Accepted", rows: 1 })
            }
          }
          const row = (n: number) => ({ n, nested: { list: [null, "ü"] } })
          assert.deepStrictEqual(yield* emulator.rows(combine.id), [row(1), row(2)])
          assert.deepStrictEqual(yield* emulator.rows(replace.id), [row(2)])
        })
      )

      it.effect("refuses lists, scalars, malformed JSON and an empty body, and writes no row", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data, id } = yield* create(emulator, 51)
          const cases: ReadonlyArray<readonly [string, string]> = [
            [
              `[{"a":1}]`,
              "expected an object (to push lists, set the emulator's option arraysAreRows), received a list of 1"
            ],
            ["1", "expected one row (an object), received a positive integer"],
            ["null", "expected one row (an object), received null"],
            [`{"a":`, "expected a JSON document as body, received text that is not JSON"],
            ["", "expected a JSON document as body, received nothing"]
          ]
          for (const [raw, detail] of cases) {
            const answer = yield* call(emulator, "POST", data, { raw })
            assert.strictEqual(answer.status, 400)
            assert.strictEqual(json(answer).detail, detail)
          }
          assert.deepStrictEqual(yield* emulator.rows(id), [])
        })
      )

      it.effect("responds with 404 to an unknown key", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          assert.strictEqual((yield* call(emulator, "POST", "/webhooks/data/nobody", { body: {} })).status, 404)
          assert.strictEqual((yield* call(emulator, "GET", "/webhooks/data/nobody?a=1")).status, 404)
        })
      )

      it.effect("accepts gzip, and refuses other encodings and a body that is not gzip", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data, id } = yield* create(emulator, 52)
          const send = (encoding: string, raw: Uint8Array<ArrayBuffer>) =>
            Effect.map(
              call(emulator, "POST", data, { raw, headers: { ...keys(emulator), "content-encoding": encoding } }),
              (answer) => answer.status
            )
          const row = { text: "a".repeat(1000) }
          const plain = Uint8Array.from(Buffer.from(JSON.stringify(row)))
          assert.strictEqual(yield* send("gzip", Uint8Array.from(Zlib.gzipSync(plain))), 201)
          assert.strictEqual(yield* send("identity", plain), 201)
          assert.strictEqual(yield* send("gzip", plain), 400)
          assert.strictEqual(yield* send("br", plain), 400)
          const bomb = Zlib.gzipSync(Buffer.alloc(20 * 1024 * 1024, " "))
          assert.strictEqual(yield* send("gzip", Uint8Array.from(bomb)), 413)
          assert.deepStrictEqual(yield* emulator.rows(id), [row])
          assert.deepInclude((yield* emulator.requests).filter((each) => each.operation === "addData").at(-5), {
            body: JSON.stringify(row),
            status: 201
          })
        })
      )

      it.effect(
        "responds with 413 to a body beyond the limit, with or without a content-length, and keeps serving",
        () =>
          Effect.gen(function* () {
            const emulator = yield* Emulator.Emulator
            const { data, id } = yield* create(emulator, 53)
            const text = (size: number) => JSON.stringify({ a: "x".repeat(size - `{"a":""}`.length) })
            assert.strictEqual((yield* call(emulator, "POST", data, { raw: text(1024 * 1024) })).status, 201)
            const answer = yield* call(emulator, "POST", data, { raw: text(1024 * 1024 + 1) })
            assert.strictEqual(answer.status, 413)
            assert.strictEqual(json(answer).message, "The body is larger than 1048576 bytes")
            const pieces = Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024, " "))
            const chunked = yield* callInPieces(emulator, data, pieces)
            assert.strictEqual(chunked, 413)
            assert.strictEqual((yield* call(emulator, "POST", data, { body: { last: true } })).status, 201)
            assert.deepStrictEqual(yield* emulator.rows(id), [{ last: true }])
          })
      )
    })

    describe("addDataUsingGet", () => {
      it.effect(
        "writes the query as one row of strings, and keeps empty strings and the last value of a repeated key",
        () =>
          Effect.gen(function* () {
            const emulator = yield* Emulator.Emulator
            const { data, id } = yield* create(emulator, 60, { mode: "combine" })
            const answer = yield* call(emulator, "GET", `${data}?a=1&b=x%26y+z&c=&a=2&d=%C3%BC`)
            assert.deepStrictEqual([answer.status, answer.text], [200, ""])
            yield* call(emulator, "GET", `${data}?n=2`)
            assert.deepStrictEqual(yield* emulator.rows(id), [{ a: "2", b: "x&y z", c: "", d: "ü" }, { n: "2" }])
          })
      )

      it.effect("keeps columns with names such as constructor, and refuses the name __proto__", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data, id } = yield* create(emulator, 43, { mode: "combine" })
          yield* call(emulator, "GET", `${data}?toString=1&constructor=2&constructor=3&a=b?c`)
          assert.deepStrictEqual(yield* emulator.rows(id), [{ toString: "1", constructor: "3", a: "b?c" }])
          const refused = yield* call(emulator, "GET", `${data}?a=1&__proto__=2`)
          assert.strictEqual(refused.status, 400)
          assert.include(json(refused).detail, "__proto__: expected a column with another name")
          assert.lengthOf(yield* emulator.rows(id), 1)
        })
      )

      it.effect("responds with 400 to an empty query, and with 404 to HEAD", () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.Emulator
          const { data, id } = yield* create(emulator, 61)
          assert.strictEqual((yield* call(emulator, "GET", data)).status, 400)
          assert.strictEqual((yield* call(emulator, "HEAD", `${data}?a=1`)).status, 404)
          assert.deepStrictEqual(yield* emulator.rows(id), [])
        })
      )
    })

    it.effect("responds with 401 to a push to a secure webhook if the push lacks the webhook's secret", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        const { data, id, secret } = yield* create(emulator, 70, { is_secure: true, mode: "combine" })
        for (const authorization of [undefined, "wrong", `Bearer ${secret}`]) {
          const headers = { ...keys(emulator), ...(authorization === undefined ? {} : { authorization }) }
          const post = yield* call(emulator, "POST", data, { headers, body: { n: 1 } })
          assert.strictEqual(post.status, 401)
          assert.strictEqual((yield* call(emulator, "GET", `${data}?n=1`, { headers })).status, 401)
          assert.notInclude(post.text, secret)
        }
        const headers = { ...keys(emulator), authorization: secret }
        assert.strictEqual((yield* call(emulator, "POST", data, { headers, body: { n: 1 } })).status, 201)
        assert.strictEqual((yield* call(emulator, "GET", `${data}?n=2`, { headers })).status, 200)
        assert.deepStrictEqual(yield* emulator.rows(id), [{ n: 1 }, { n: "2" }])
      })
    )

    it.effect("responds with 404 to a path or method that belongs to no operation", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        for (const path of ["/nothing", "/webhooks/data//webhook/data/abc", `${inProject(1)}/`, "/%"]) {
          assert.strictEqual((yield* call(emulator, "GET", path)).status, 404, path)
        }
        assert.strictEqual((yield* call(emulator, "PUT", inProject(1))).status, 404)
      })
    )

    it.effect("responds with 404 to an unknown key of any length", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        const path = `/webhooks/data/${"k".repeat(500)}`
        assert.strictEqual((yield* call(emulator, "POST", path, { body: {} })).status, 404)
        const last = (yield* emulator.requests).at(-1)
        assert.strictEqual(last?.operation, "addData")
      })
    )
  })
}

for (const [where, { make, pass }] of Object.entries(forms)) {
  describe(`an emulator with options ${where}`, () => {
    it.scoped("limits the recorded requests to `recordBytes`, including headers and URLs", () =>
      Effect.gen(function* () {
        const emulator = yield* make({ recordBytes: 20_000 })
        const indices = Effect.map(emulator.requests, (requests) => requests.map((request) => request.index))
        const { data } = yield* create(emulator, 1)
        for (const n of [1, 2, 3]) yield* call(emulator, "POST", data, { body: { n, text: "x".repeat(8000) } })
        assert.deepStrictEqual(yield* indices, [2, 3])
        const headers = { ...keys(emulator), "x-long": "x".repeat(9000) }
        for (const _ of [4, 5]) yield* call(emulator, "GET", inProject(1), { headers })
        assert.deepStrictEqual(yield* indices, [4, 5])
        for (const _ of [6, 7, 8]) yield* call(emulator, "GET", inProject(1, `?colour=${"x".repeat(9000)}`))
        assert.deepStrictEqual(yield* indices, [7, 8])
        yield* call(emulator, "POST", data, { body: { text: "ü".repeat(10_000) } })
        // Check that a body that is too large to be recorded does not remove other requests from the record.
        assert.deepInclude((yield* emulator.requests).at(-1), { index: 9, status: 201, body: "" })
        assert.deepStrictEqual(yield* indices, [7, 8, 9])
        yield* emulator.clearRequests
        for (const n of [10, 11]) yield* call(emulator, "POST", data, { body: { n, text: "x".repeat(8000) } })
        assert.deepStrictEqual(yield* indices, [10, 11])
      })
    )

    it.scoped("records only the last `record` requests, or none if `record` is 0", () =>
      Effect.gen(function* () {
        const two = yield* make({ record: 2 })
        for (const _ of [1, 2, 3]) yield* call(two, "GET", inProject(1))
        assert.deepStrictEqual(
          (yield* two.requests).map((request) => request.index),
          [1, 2]
        )
        const none = yield* make({ record: 0 })
        yield* call(none, "GET", inProject(1))
        assert.deepStrictEqual(yield* none.requests, [])
      })
    )

    it.scoped("accepts each object in a list as a row if the option `arraysAreRows` is true", () =>
      Effect.gen(function* () {
        const emulator = yield* make({ arraysAreRows: true })
        const combine = yield* create(emulator, 1, { mode: "combine" })
        const replace = yield* create(emulator, 1)
        for (const { data } of [combine, replace]) {
          assert.deepStrictEqual(json(yield* call(emulator, "POST", data, { body: [{ n: 1 }, { n: 2 }] })).rows, 2)
          assert.strictEqual((yield* call(emulator, "POST", data, { body: { n: 3 } })).status, 201)
          const answer = yield* call(emulator, "POST", data, { body: [{ n: 4 }, 5] })
          assert.strictEqual(answer.status, 400)
          assert.deepStrictEqual(json(answer).extra[0].path, [1])
        }
        assert.deepStrictEqual(yield* emulator.rows(combine.id), [{ n: 1 }, { n: 2 }, { n: 3 }])
        assert.deepStrictEqual(yield* emulator.rows(replace.id), [{ n: 3 }])
        yield* call(emulator, "POST", replace.data, { body: [] })
        assert.deepStrictEqual(yield* emulator.rows(replace.id), [])
      })
    )

    it.scoped(
      "accepts pushes without the account's keys if `openData` is true, but requires the keys for other operations",
      () =>
        Effect.gen(function* () {
          const emulator = yield* make({ openData: true })
          const { data } = yield* create(emulator, 1)
          assert.strictEqual((yield* call(emulator, "POST", data, { headers: {}, body: {} })).status, 201)
          assert.strictEqual((yield* call(emulator, "GET", `${data}?a=1`, { headers: {} })).status, 200)
          assert.strictEqual((yield* call(emulator, "GET", inProject(1), { headers: {} })).status, 401)
        })
    )

    it.scoped(
      "requires the secret in the header that the option `secretHeader` names, after the word in `secretScheme`",
      () =>
        Effect.gen(function* () {
          const emulator = yield* make({ secretHeader: "X-Hook-Secret", secretScheme: "Token" })
          const { data, secret } = yield* create(emulator, 1, { is_secure: true })
          const push = (headers: Record<string, string>) =>
            Effect.map(
              call(emulator, "POST", data, { headers: { ...keys(emulator), ...headers }, body: {} }),
              (answer) => answer.status
            )
          assert.strictEqual(yield* push({ authorization: secret }), 401)
          assert.strictEqual(yield* push({ "x-hook-secret": secret }), 401)
          assert.strictEqual(yield* push({ "x-hook-secret": `Token ${secret}` }), 201)
        })
    )

    it.scoped("updates its lists only after the time in the option `listLag`", () =>
      Effect.gen(function* () {
        const emulator = yield* make({ listLag: "200 millis" })
        const listed = Effect.map(call(emulator, "GET", inProject(1)), (answer): ReadonlyArray<number> =>
          json(answer).webhooks.map((webhook: { id: number }) => webhook.id)
        )
        const first = yield* create(emulator, 1)
        assert.deepStrictEqual(yield* listed, [])
        assert.strictEqual((yield* call(emulator, "GET", inProject(1, `/${first.id}`))).status, 200)
        while ((yield* listed).length === 0) yield* pass(20)
        yield* create(emulator, 1)
        yield* call(emulator, "DELETE", inProject(1, `/${first.id}`))
        assert.deepStrictEqual(yield* listed, [1])
        assert.strictEqual((yield* call(emulator, "GET", inProject(1, `/${first.id}`))).status, 404)
        while ((yield* listed).join() !== "2") yield* pass(20)
      })
    )

    it.scoped("uses the default of an option that is an empty string", () =>
      Effect.gen(function* () {
        const emulator = yield* make({
          apiKey: "",
          apiSecret: Redacted.make(""),
          secretHeader: "",
          secretScheme: ""
        })
        assert.deepStrictEqual(keys(emulator), { "x-api-key": "emulator-key", "x-api-secret": "emulator-secret" })
        const { data, secret } = yield* create(emulator, 1, { is_secure: true })
        const headers = { ...keys(emulator), authorization: secret }
        assert.strictEqual((yield* call(emulator, "POST", data, { headers, body: {} })).status, 201)
      })
    )

    it.scoped("responds with 413 to a body that is larger than the option `bodyLimit`", () =>
      Effect.gen(function* () {
        const emulator = yield* make({ bodyLimit: 10 })
        assert.strictEqual((yield* call(emulator, "POST", inProject(1), { raw: `{       }` })).status, 201)
        assert.strictEqual((yield* call(emulator, "POST", inProject(1), { raw: `{         }` })).status, 413)
      })
    )

    it.scoped("makes the same keys from the same seed or the same Random service", () =>
      Effect.gen(function* () {
        const uri = (emulator: Emulator.Service) => Effect.map(create(emulator, 1), (webhook): string => webhook.uri)
        const seeded = () => Effect.flatMap(make({ seed: "a" }), uri)
        assert.strictEqual(yield* seeded(), yield* seeded())
        assert.notStrictEqual(yield* seeded(), yield* Effect.flatMap(make({ seed: "b" }), uri))
        const given = () => Effect.flatMap(make(), uri).pipe(Effect.withRandom(Random.make("a")))
        assert.strictEqual(yield* seeded(), yield* given())
      })
    )
  })
}

describe("Emulator.layer", () => {
  it.scoped("records each request as it arrived, byte for byte", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ apiKey: "k", apiSecret: Redacted.make("s") })
      const body = `{ "name" : "ü" }`
      const seen = yield* exchange(
        emulator,
        requestText(emulator, "POST", inProject(1), body).replace("Connection: close", "x-TwiCe: 1\r\nX-twice: 2")
          + "GET /Nope?a=%20b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      )
      assert.match(seen.text, /^HTTP\/1.1 201 Created\r\n[^]*HTTP\/1.1 404 Not Found\r\n/)
      assert.deepStrictEqual(yield* emulator.requests, [
        {
          index: 0,
          operation: "create",
          method: "POST",
          url: "/api/v2/workspaces/1/projects/1/webhooks",
          headers: [
            ["Host", "localhost"],
            ["x-TwiCe", "1"],
            ["X-twice", "2"],
            ["X-API-KEY", "k"],
            ["X-API-SECRET", "s"],
            ["Content-Length", "17"]
          ],
          body,
          status: 201,
          fault: undefined
        },
        {
          index: 1,
          operation: undefined,
          method: "GET",
          url: "/Nope?a=%20b",
          headers: [
            ["Host", "localhost"],
            ["Connection", "close"]
          ],
          body: "",
          status: 404,
          fault: undefined
        }
      ])
      yield* emulator.clearRequests
      assert.deepStrictEqual(yield* emulator.requests, [])
      yield* call(emulator, "GET", inProject(1))
      assert.deepStrictEqual(
        (yield* emulator.requests).map((request) => request.index),
        [2]
      )
    })
  )

  it.scoped("uses the default of an option that is an empty string", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ host: "", allowedHosts: [""] })
      assert.match(emulator.baseUrl, /^http:\/\/127\.0\.0\.1:/)
    })
  )

  it.scoped("fails with the port and the reason if the port is taken", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const port = Number(new URL(emulator.baseUrl).port)
      const error = yield* Effect.flip(Emulator.make({ port }))
      assert.strictEqual(
        error.message,
        `Cannot listen on 127.0.0.1:${port}: the port is taken by another process (EADDRINUSE)`
      )
    })
  )

  it.effect("ends immediately, even with waiting connections, and frees the port", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const emulator = yield* Scope.extend(Emulator.make(), scope)
      yield* call(emulator, "GET", inProject(1))
      yield* emulator.inject(Fault.stall("headers", { operation: "list" }))
      yield* emulator.inject(Fault.delay({ operation: "create", delayBefore: "1 hour" }))
      const stalled = yield* Effect.fork(exchange(emulator, requestText(emulator, "GET", inProject(1))))
      const late = yield* Effect.fork(exchange(emulator, requestText(emulator, "POST", inProject(1), "{}")))
      const silent = yield* Effect.fork(exchange(emulator, ""))
      while ((yield* emulator.openSockets) < 4) yield* wait(5)
      yield* wait(20)
      const started = performance.now()
      yield* Scope.close(scope, Exit.void)
      assert.isBelow(performance.now() - started, 2000)
      for (const fiber of [stalled, late, silent]) assert.notStrictEqual((yield* fiber).end, "stalled")
      assert.strictEqual(yield* emulator.openSockets, 0)
      const port = Number(new URL(emulator.baseUrl).port)
      yield* Effect.scoped(Emulator.make({ port }))
    })
  )
})

for (const [where, { make, pass }] of Object.entries(forms)) {
  describe(`pages of other origins ${where}`, () => {
    const shop = "https://shop.example"
    const from = (emulator: Emulator.Service, origin: string) => ({ ...keys(emulator), origin })
    const shared = (answer: Answer) => answer.headers.get("access-control-allow-origin")

    const ask = (emulator: Emulator.Service, path: string, origin: string) =>
      call(emulator, "OPTIONS", path, {
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,user-agent"
        }
      })

    it.scoped("may push if the webhook's origins include the page's origin, and get a 204 for the preflight", () =>
      Effect.gen(function* () {
        const emulator = yield* make()
        for (const origins of ["*", shop, `https://a.example, ${shop}/ ,https://b.example`]) {
          const { data, id } = yield* create(emulator, 1, { origins, mode: "combine" })
          const asked = yield* ask(emulator, data, shop)
          assert.deepStrictEqual([asked.status, asked.text, shared(asked)], [204, "", shop], origins)
          assert.strictEqual(asked.headers.get("access-control-allow-methods"), "GET, POST")
          assert.strictEqual(asked.headers.get("access-control-allow-headers"), "content-type,user-agent")
          assert.deepStrictEqual(yield* emulator.rows(id), [])
          const posted = yield* call(emulator, "POST", data, { headers: from(emulator, shop), body: { n: 1 } })
          const got = yield* call(emulator, "GET", `${data}?n=2`, { headers: from(emulator, shop) })
          assert.deepStrictEqual([posted.status, shared(posted), posted.headers.get("vary")], [201, shop, "origin"])
          assert.deepStrictEqual([got.status, shared(got)], [200, shop])
          assert.deepStrictEqual(yield* emulator.rows(id), [{ n: 1 }, { n: "2" }])
        }
      })
    )

    it.scoped("can read the response that refuses their push", () =>
      Effect.gen(function* () {
        const emulator = yield* make()
        const { data } = yield* create(emulator, 1)
        const wrong = yield* call(emulator, "POST", data, { headers: from(emulator, shop), raw: "1" })
        assert.deepStrictEqual([wrong.status, shared(wrong)], [400, shop])
        const nobody = yield* call(emulator, "POST", data, { headers: { origin: shop }, body: { n: 1 } })
        assert.deepStrictEqual([nobody.status, shared(nobody)], [401, shop])
      })
    )

    it.scoped("get a 403 if the webhook's origins do not include the page's origin, and write no row", () =>
      Effect.gen(function* () {
        const emulator = yield* make()
        for (const origins of ["", "https://a.example", "shop.example", `${shop}:8443`]) {
          const { data, id } = yield* create(emulator, 1, { origins })
          for (const answer of [
            yield* ask(emulator, data, shop),
            yield* call(emulator, "POST", data, { headers: from(emulator, shop), body: { n: 1 } }),
            yield* call(emulator, "GET", `${data}?n=2`, { headers: from(emulator, shop) })
          ]) {
            assert.deepStrictEqual([answer.status, shared(answer)], [403, null], origins)
            assert.include(json(answer).message, "origins")
          }
          assert.deepStrictEqual(yield* emulator.rows(id), [])
          // Check two allowed requests: one without an origin, and one from a page of the server's own origin.
          for (const headers of [keys(emulator), from(emulator, new URL(emulator.baseUrl).origin)]) {
            const answer = yield* call(emulator, "POST", data, { headers, body: { n: 1 } })
            assert.deepStrictEqual([answer.status, shared(answer)], [201, null])
          }
        }
      })
    )

    it.scoped("write a row through an image or a link only if the webhook's origins are *", () =>
      Effect.gen(function* () {
        const emulator = yield* make({ openData: true })
        for (const [origins, site, status] of [
          [shop, "cross-site", 403],
          [shop, "same-site", 403],
          [shop, "same-origin", 200],
          [shop, "none", 200],
          ["*", "cross-site", 200]
        ] as const) {
          const { data, id } = yield* create(emulator, 1, { origins, mode: "combine" })
          for (const mode of ["no-cors", "navigate"]) {
            const headers = { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": "document" }
            // Write the request by hand, because fetch sets these headers itself.
            const target = `${new URL(emulator.baseUrl).pathname}${data}?n=1`
            const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
            const request = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines.join("")}\r\n`
            const { text } = yield* exchange(emulator, request)
            assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), `${origins} ${site} ${mode}`)
          }
          assert.strictEqual((yield* emulator.rows(id)).length, status === 200 ? 2 : 0)
        }
      })
    )

    it.scoped("can read the response of a fault, unless the fault replaces the response's headers", () =>
      Effect.gen(function* () {
        const emulator = yield* make()
        const { data } = yield* create(emulator, 1)
        const push = call(emulator, "POST", data, { headers: from(emulator, shop), body: { n: 1 } })
        for (const fault of [Fault.delay({ delayAfter: 1 }), Fault.wrongJson(), Fault.contentType("text/plain")]) {
          yield* emulator.inject(fault)
          assert.strictEqual(shared(yield* Effect.zipLeft(push, pass(1), { concurrent: true })), shop)
        }
        yield* emulator.inject(Fault.status(503))
        assert.strictEqual(shared(yield* push), null)
        yield* emulator.inject(Fault.status(503, { headers: { "access-control-allow-origin": "*" } }))
        assert.strictEqual(shared(yield* push), "*")
      })
    )

    it.scoped("get a 404 for the preflight of any operation other than a push", () =>
      Effect.gen(function* () {
        const emulator = yield* make()
        const { id } = yield* create(emulator, 1)
        for (const path of [inProject(1), inProject(1, `/${id}`), "/webhooks/data/nobodys"]) {
          const asked = yield* ask(emulator, path, shop)
          assert.deepStrictEqual([asked.status, shared(asked)], [404, null], path)
        }
        const listed = yield* call(emulator, "GET", inProject(1), { headers: from(emulator, shop) })
        assert.deepStrictEqual([listed.status, shared(listed)], [200, null])
      })
    )
  })
}

describe("the routes for other processes", () => {
  const control = (emulator: Emulator.Service, method: string, path: string, body?: unknown) =>
    call({ ...emulator, baseUrl: new URL(emulator.baseUrl).origin }, method, `/emulator${path}`, {
      headers: {},
      ...(body === undefined ? {} : { body })
    })

  it.scoped("return thousands of rows, and respond with 404 to an unknown webhook", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ arraysAreRows: true })
      const { data, id } = yield* create(emulator, 1)
      assert.strictEqual((yield* control(emulator, "GET", `/webhooks/${id}/rows`)).text, "[]")
      const rows = Array.from({ length: 2500 }, (_, n) => ({ n }))
      yield* call(emulator, "POST", data, { body: rows })
      const answer = yield* control(emulator, "GET", `/webhooks/${id}/rows`)
      assert.strictEqual(answer.headers.get("content-type"), "application/json")
      assert.deepStrictEqual(json(answer), rows)
      assert.strictEqual((yield* control(emulator, "GET", "/webhooks/99/rows")).status, 404)
      assert.strictEqual((yield* control(emulator, "GET", "/webhooks/x/rows")).status, 404)
    })
  )

  it.scoped("respond with 404 to pages of other origins", () =>
    Effect.gen(function* () {
      const shop = "https://shop.example"
      const emulator = yield* Emulator.make()
      const server = { ...emulator, baseUrl: new URL(emulator.baseUrl).origin }
      const read = yield* call(server, "GET", "/emulator/requests", { headers: { origin: shop } })
      assert.strictEqual(read.status, 404)
      const armed = yield* call(server, "POST", "/emulator/faults", {
        headers: { origin: shop },
        body: Fault.status(503)
      })
      assert.strictEqual(armed.status, 404)
    })
  )

  it.scoped("return and clear the recorded requests, and are not recorded themselves", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* call(emulator, "GET", inProject(1))
      const answer = yield* control(emulator, "GET", "/requests")
      assert.deepStrictEqual(json(answer), JSON.parse(JSON.stringify(yield* emulator.requests)))
      assert.strictEqual(json(answer).length, 1)
      assert.strictEqual((yield* control(emulator, "DELETE", "/requests")).status, 204)
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )

  it.scoped("return the recorded requests in pages, with a link to the next page", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ record: 120 })
      yield* Effect.forEach(Array.from({ length: 125 }), () => call(emulator, "GET", inProject(1)), { concurrency: 5 })
      const indices = (answer: Answer): ReadonlyArray<number> =>
        json(answer).map((request: { index: number }) => request.index)
      const first = yield* control(emulator, "GET", "/requests")
      assert.deepStrictEqual([indices(first).length, indices(first)[0], indices(first)[99]], [100, 5, 104])
      assert.strictEqual(first.headers.get("link"), `</emulator/requests?from=105&limit=100>; rel="next"`)
      const second = yield* control(emulator, "GET", "/requests?from=105&limit=100")
      assert.deepStrictEqual([indices(second).length, indices(second)[0]], [20, 105])
      assert.isNull(second.headers.get("link"))
      const few = yield* control(emulator, "GET", "/requests?from=110&limit=2")
      assert.deepStrictEqual(indices(few), [110, 111])
      assert.strictEqual(few.headers.get("link"), `</emulator/requests?from=112&limit=2>; rel="next"`)
      assert.deepStrictEqual(indices(yield* control(emulator, "GET", "/requests?from=125")), [])
      assert.deepStrictEqual(indices(yield* control(emulator, "GET", "/requests?last=2")), [123, 124])
      for (const query of ["limit=1001", "limit=-1", "limit=x", "from=-1", "from=1.5", "last=1001"]) {
        assert.strictEqual((yield* control(emulator, "GET", `/requests?${query}`)).status, 400, query)
      }
      assert.strictEqual(
        json(yield* control(emulator, "GET", "/requests?limit=x")).detail,
        "limit: expected a number written as text, received a string of 1 character"
      )
      assert.strictEqual((yield* control(emulator, "GET", "/webhooks/1/rows?last=x")).status, 404)
      const { id } = yield* create(emulator, 1)
      assert.strictEqual((yield* control(emulator, "GET", `/webhooks/${id}/rows?last=x`)).status, 400)
    })
  )

  const outside = Object.values(Os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === "IPv4" && !address.internal)?.address

  it.scoped.skipIf(outside === undefined)("respond with 404 to other machines", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ host: "0.0.0.0" })
      assert.match(emulator.baseUrl, /^http:\/\/127\.0\.0\.1:/)
      const remote = { ...emulator, baseUrl: emulator.baseUrl.replace("127.0.0.1", outside ?? "") }
      assert.strictEqual((yield* call(remote, "GET", inProject(1))).status, 200)
      assert.strictEqual((yield* control(remote, "GET", "/requests")).status, 404)
      assert.strictEqual((yield* control(remote, "POST", "/faults", Fault.status(503))).status, 404)
      assert.strictEqual((yield* call(remote, "GET", inProject(1))).status, 200)
      assert.strictEqual((yield* control(emulator, "GET", "/requests")).status, 200)
    })
  )

  it.scoped("accept a fault as JSON, refuse invalid faults, and clear all faults", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const list = Effect.map(call(emulator, "GET", inProject(1)), (answer) => answer.status)
      const posted = yield* control(
        emulator,
        "POST",
        "/faults",
        Fault.status(503, { operation: "list", times: "every" })
      )
      assert.strictEqual(posted.status, 204)
      assert.deepStrictEqual([yield* list, yield* list], [503, 503])
      assert.strictEqual((yield* control(emulator, "DELETE", "/faults")).status, 204)
      assert.strictEqual(yield* list, 200)
      const bad = [
        {},
        { answer: { _tag: "Nothing" } },
        { answer: { _tag: "Status" } },
        { operation: "ping", answer: { _tag: "Own" } },
        { answer: { _tag: "Own" }, time: 3 },
        { answer: { _tag: "Own" }, times: 0 }
      ]
      for (const fault of bad) {
        const answer = yield* control(emulator, "POST", "/faults", fault)
        assert.strictEqual(answer.status, 400, JSON.stringify(fault))
        assert.strictEqual(json(answer).status_code, 400)
      }
      assert.strictEqual(yield* list, 200)
    })
  )
})
