import { assert, describe, it } from "@effect/vitest"
import * as Leases from "../../../src/internal/worker/leases.js"

const row = (claims: number) => ({ sequence: 1, claims, id: "a", payload: "{}", attempts: claims })

describe("The leases of a worker", () => {
  it("begin when the statement that claims or renews the rows begins", () => {
    const leases = Leases.make(1000)
    assert.deepStrictEqual(leases.hold([row(1)], 0), [row(1)])
    assert.isTrue(leases.lasts(row(1), 500, 500))
    assert.isFalse(leases.lasts(row(1), 501, 500))
    assert.strictEqual(leases.renewed([row(1)], [1], 400), 0)
    assert.isTrue(leases.lasts(row(1), 900, 500))
    leases.release([row(1)])
    assert.isFalse(leases.lasts(row(1), 400, 500))
  })

  it("belong to the newest claim if a row is claimed again while its request is in flight", () => {
    const leases = Leases.make(1000)
    leases.hold([row(1)], 0)
    assert.deepStrictEqual(leases.hold([row(2)], 1100), [])
    assert.isTrue(leases.lasts(row(1), 1200, 500))
    assert.deepStrictEqual(leases.claimToSettle(row(1)), { sequence: 1, claims: 2 })
  })

  it("stay lost for the request in flight, even if the worker claims the row again", () => {
    const leases = Leases.make(1000)
    leases.hold([row(1)], 0)
    assert.strictEqual(leases.renewed([row(1)], [], 300), 1)
    assert.deepStrictEqual(leases.hold([row(3)], 600), [row(3)])
    assert.isFalse(leases.lasts(row(1), 700, 500))
    assert.deepStrictEqual(leases.claimToSettle(row(1)), { sequence: 1, claims: 1 })
    leases.release([row(1)])
    assert.isTrue(leases.lasts(row(3), 700, 500))
  })

  it("are not reported as lost while the result of their row is being recorded", () => {
    const leases = Leases.make(1000)
    leases.hold([row(1)], 0)
    leases.claimToSettle(row(1))
    assert.strictEqual(leases.renewed([row(1)], [], 300), 0)
    assert.deepStrictEqual(leases.all(), [{ sequence: 1, claims: 1 }])
  })
})
