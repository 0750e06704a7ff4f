import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { Identifier } from "../src/index.js"
import { faults } from "./support.js"

const beyond = 2 ** 53
const fromOne = "expected an integer from 1 to 2^53 - 1"
const anySafe = "expected an integer between -(2^53 - 1) and 2^53 - 1"

describe.each([
  ["WorkspaceId", Identifier.WorkspaceId],
  ["ProjectId", Identifier.ProjectId]
] as const)("%s", (_, schema) => {
  it("accepts integers of 1 or more", () => {
    for (const id of [1, 2, Number.MAX_SAFE_INTEGER]) assert.deepStrictEqual(faults(schema, id), [])
  })

  it("refuses zero, negative numbers, fractions, integers beyond 2^53, and values that are not numbers", () => {
    assert.deepStrictEqual(faults(schema, 0), [`${fromOne}, received zero`])
    assert.deepStrictEqual(faults(schema, -1), [`${fromOne}, received a negative integer`])
    assert.deepStrictEqual(faults(schema, 1.5), [`${fromOne}, received a number with a fraction`])
    assert.deepStrictEqual(faults(schema, Number.NaN), [`${fromOne}, received NaN`])
    assert.deepStrictEqual(faults(schema, beyond), [`${fromOne}, received an integer beyond 2^53`])
    assert.deepStrictEqual(faults(schema, "1"), [`${fromOne}, received a string of 1 character`])
  })
})

describe.each([
  ["WebhookId", Identifier.WebhookId],
  ["DatasetId", Identifier.DatasetId]
] as const)("%s", (_, schema) => {
  it("accepts any safe integer, as published", () => {
    for (const id of [Number.MIN_SAFE_INTEGER, -1, 0, 1, Number.MAX_SAFE_INTEGER]) {
      assert.deepStrictEqual(faults(schema, id), [])
    }
  })

  it("refuses fractions, and integers that a number cannot hold exactly", () => {
    assert.deepStrictEqual(faults(schema, beyond), [`${anySafe}, received an integer beyond 2^53`])
    assert.deepStrictEqual(faults(schema, -beyond), [`${anySafe}, received an integer beyond 2^53`])
    assert.deepStrictEqual(faults(schema, JSON.parse("9007199254740993")), [
      `${anySafe}, received an integer beyond 2^53`
    ])
    assert.deepStrictEqual(faults(schema, 0.5), [`${anySafe}, received a number with a fraction`])
    assert.deepStrictEqual(faults(schema, Infinity), [`${anySafe}, received an infinite number`])
  })
})

it.prop(
  "Each schema of an identifier accepts the values that its arbitrary generates",
  [Identifier.WorkspaceId, Identifier.ProjectId, Identifier.WebhookId, Identifier.DatasetId],
  ([workspaceId, projectId, webhookId, datasetId]) => {
    assert.isTrue(Schema.is(Identifier.WorkspaceId)(workspaceId))
    assert.isTrue(Schema.is(Identifier.ProjectId)(projectId))
    assert.isTrue(Schema.is(Identifier.WebhookId)(webhookId))
    assert.isTrue(Schema.is(Identifier.DatasetId)(datasetId))
  }
)

it("The type `Input` accepts an identifier or a plain number, and refuses an identifier of another kind", () => {
  const inWorkspace = (id: Identifier.Input<Identifier.WorkspaceId>): number => id
  const projectId = Identifier.ProjectId.make(7)
  const made: Identifier.WorkspaceId = Identifier.WorkspaceId.make(4)
  assert.strictEqual(inWorkspace(4), 4)
  assert.strictEqual(inWorkspace(made), 4)
  // @ts-expect-error The type refuses a project's identifier as a workspace's identifier.
  assert.strictEqual(inWorkspace(projectId), 7)
  // @ts-expect-error The type refuses a webhook's identifier as a workspace's identifier.
  inWorkspace(Identifier.WebhookId.make(7))
  expectTypeOf<Identifier.DatasetId>().not.toExtend<Identifier.Input<Identifier.WebhookId>>()
  expectTypeOf<Identifier.WebhookId>().not.toExtend<Identifier.Input<Identifier.DatasetId>>()
  expectTypeOf<Identifier.WorkspaceId>().not.toExtend<Identifier.Input<Identifier.ProjectId>>()
  expectTypeOf<number>().toExtend<Identifier.Input<Identifier.ProjectId>>()
  expectTypeOf<string>().not.toExtend<Identifier.Input<Identifier.ProjectId>>()
})
