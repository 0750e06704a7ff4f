import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Identifier, WebhookQuery } from "../src/index.js"
import { faults, plain, refusals } from "./support.js"

const encode = Schema.encodeSync(WebhookQuery.WebhookQuery)
const decode = Schema.decodeSync(WebhookQuery.WebhookQuery)
const refused = (query: unknown) => refusals(WebhookQuery.WebhookQuery, query)
const faulty = (query: unknown) => faults(WebhookQuery.WebhookQuery, query)
const id = (n: number) => Identifier.WebhookId.make(n)
const datasetId = (n: number) => Identifier.DatasetId.make(n)

const atLeastOne = "expected a list of at least one item (leave the list out for no filter), received an empty list"

describe("A query", () => {
  const both: ReadonlyArray<readonly [WebhookQuery.WebhookQuery, WebhookQuery.Encoded]> = [
    [{}, {}],
    [{ fields: ["id", "name"] }, { fields: "id,name" }],
    [{ fields: ["datasetId", "secret"] }, { fields: "ds_id,secret" }],
    [{ fields: "min" }, { fields: "__min" }],
    [{ fields: "standard" }, { fields: "__standard" }],
    [{ fields: "full" }, { fields: "__full" }],
    [{ id: [id(1), id(-2), id(0)] }, { id: "1,-2,0" }],
    [{ name: ["orders", "née & co"] }, { name: "orders,née & co" }],
    [{ datasetId: [datasetId(535)] }, { ds_id: "535" }],
    [{ mode: ["combine", "replace"] }, { mode: "combine,replace" }],
    [
      { limit: 0, offset: 0 },
      { limit: "0", offset: "0" }
    ],
    [
      { limit: 100, offset: Number.MAX_SAFE_INTEGER },
      { limit: "100", offset: "9007199254740991" }
    ],
    [{ sort: [["id", "asc"]] }, { sort: "(id:asc)" }],
    [
      {
        sort: [
          ["datasetId", "desc"],
          ["name", "asc"]
        ]
      },
      { sort: "(ds_id:desc),(name:asc)" }
    ]
  ]

  it("is encoded with comma-separated lists, decimal digits and (field:direction)", () => {
    for (const [query, wire] of both) assert.deepStrictEqual(encode(query), wire)
  })

  it("is decoded from its wire format", () => {
    for (const [query, wire] of both) assert.deepStrictEqual(decode(wire), query)
  })

  it.prop("is the same after encoding and decoding", [WebhookQuery.WebhookQuery], ([query]) => {
    assert.deepStrictEqual(plain(decode(encode(query))), plain(query))
  })
})

describe("A list request", () => {
  it("is refused if its limit is not an integer from 0 to 100", () => {
    const expected = "limit: expected an integer from 0 to 100, received"
    assert.deepStrictEqual(refused({ limit: -1 }), [`${expected} a negative integer`])
    assert.deepStrictEqual(refused({ limit: 101 }), [`${expected} a larger number`])
    assert.deepStrictEqual(refused({ limit: 1.5 }), [`${expected} a number with a fraction`])
    assert.deepStrictEqual(refused({ limit: Number.NaN }), [`${expected} NaN`])
    assert.deepStrictEqual(refused({ limit: "10" }), [`${expected} a string of 2 characters`])
    assert.deepStrictEqual(refused({ limit: null }), [`${expected} null`])
  })

  it("is refused if its offset is not an integer from 0 to 2^53 - 1", () => {
    const expected = "offset: expected an integer from 0 to 2^53 - 1, received"
    assert.deepStrictEqual(refused({ offset: -1 }), [`${expected} a negative integer`])
    assert.deepStrictEqual(refused({ offset: 0.5 }), [`${expected} a number with a fraction`])
    assert.deepStrictEqual(refused({ offset: 2 ** 53 }), [`${expected} an integer beyond 2^53`])
    assert.deepStrictEqual(refused({ offset: Infinity }), [`${expected} an infinite number`])
  })

  it("is refused if it has an empty list, because the server would return all webhooks", () => {
    for (const key of ["id", "name", "datasetId", "mode"]) {
      assert.deepStrictEqual(refused({ [key]: [] }), [`${key}: ${atLeastOne}`])
    }
    assert.deepStrictEqual(refused({ sort: [] }), [
      "sort: expected at least one [field, direction] pair, received an empty list"
    ])
    assert.deepStrictEqual(refused({ fields: [] }), [
      'fields: expected "min", "standard", "full" or a list of at least one of id, name, mode, uri, datasetId, origins, secret, received an empty list'
    ])
  })

  it("is refused if a name is empty or has a comma, which the server would read as two names", () => {
    assert.deepStrictEqual(refused({ name: ["orders", "Smith, John"] }), [
      "name[1]: expected a string without a comma, because the server splits lists at commas (list all webhooks and compare the names), received a string of 11 characters"
    ])
    assert.deepStrictEqual(refused({ name: [""] }), [
      "name[0]: expected a well-formed name of at least one character, received an empty string"
    ])
  })

  it("is refused if an identifier is not an exact integer", () => {
    const expected = "expected an integer between -(2^53 - 1) and 2^53 - 1, received"
    assert.deepStrictEqual(refused({ id: [1, 2 ** 53] }), [`id[1]: ${expected} an integer beyond 2^53`])
    assert.deepStrictEqual(refused({ id: [1.5] }), [`id[0]: ${expected} a number with a fraction`])
    assert.deepStrictEqual(refused({ datasetId: ["1"] }), [`datasetId[0]: ${expected} a string of 1 character`])
    assert.deepStrictEqual(refused({ id: 1 }), [
      "id: expected a list of at least one item (leave the list out for no filter), received a positive integer"
    ])
  })

  it("is refused if it has an unknown field, mode, direction or key", () => {
    assert.deepStrictEqual(refused({ fields: ["id", "url"] }), [
      "fields[1]: expected a webhook field: id, name, mode, uri, datasetId, origins or secret, received a string of 3 characters"
    ])
    assert.deepStrictEqual(refused({ fields: "all" }), [
      'fields: expected "min", "standard", "full" or a list of at least one of id, name, mode, uri, datasetId, origins, secret, received a string of 3 characters'
    ])
    assert.deepStrictEqual(refused({ mode: ["merge"] }), [
      'mode[0]: expected "replace" or "combine", received a string of 5 characters'
    ])
    assert.deepStrictEqual(refused({ sort: [["id", "up"]] }), [
      'sort[0][1]: expected "asc" or "desc", received a string of 2 characters'
    ])
    assert.deepStrictEqual(refused({ sort: [["ds_id", "asc"]] }), [
      "sort[0][0]: expected a webhook field: id, name, mode, uri, datasetId, origins or secret, received a string of 5 characters"
    ])
    assert.deepStrictEqual(refused({ ds_id: [1], limit: 101 }), [
      "ds_id: expected no property with this name, received a list of 1",
      "limit: expected an integer from 0 to 100, received a larger number"
    ])
  })
})

describe("Decoding a query", () => {
  it("refuses strings that are not a list, an integer or a sort order", () => {
    assert.deepStrictEqual(faulty({ sort: "id:asc" }), [
      "sort: expected a list such as (id:asc),(name:desc), received a string of 6 characters"
    ])
    assert.deepStrictEqual(faulty({ limit: "ten" }), [
      "limit: expected an integer in decimal digits, received a string of 3 characters"
    ])
    assert.deepStrictEqual(faulty({ limit: "1e2" }).length, 1)
    assert.deepStrictEqual(faulty({ limit: " 1" }).length, 1)
    assert.deepStrictEqual(faulty({ limit: "101" }).length, 1)
    assert.deepStrictEqual(faulty({ offset: "-1" }).length, 1)
  })

  it("refuses identifiers that JavaScript would round", () => {
    assert.deepStrictEqual(faulty({ id: "1,9007199254740993" }), [
      "id[1]: expected an integer between -(2^53 - 1) and 2^53 - 1, received an integer beyond 2^53"
    ])
  })

  it("refuses an empty item of a list", () => {
    assert.strictEqual(faulty({ name: "" }).length, 1)
    assert.strictEqual(faulty({ id: "1,,2" }).length, 1)
    assert.strictEqual(faulty({ fields: "id," }).length, 1)
  })
})
