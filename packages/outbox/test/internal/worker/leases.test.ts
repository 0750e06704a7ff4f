import { assert, describe, it } from "@effect/vitest"
import * as Leases from "../../../src/internal/worker/leases.js"

const row = (claims: number) => ({ sequence: 1, claims, id: "a", payload: "{}", attempts: claims })

describe("The leases of a worker", () => {
  it("last as long as the database was sure to keep them when it was asked", () => {
    const leases = Leases.make(1000)
    assert.deepStrictEqual(leases.hold([row(1)], 0), [row(1)])
    assert.isTrue(leases.lasts(row(1), 500, 500))
    assert.isFalse(leases.lasts(row(1), 501, 500))
    assert.strictEqual(leases.renewed([row(1)], [1], 400), 0)
    assert.isTrue(leases.lasts(row(1), 900, 500))
    leases.release([row(1)])
    assert.isFalse(leases.lasts(row(1), 400, 500))
  })

  it("name a row that was claimed again while it is in flight by its newest claim", () => {
    const leases = Leases.make(1000)
    leases.hold([row(1)], 0)
    assert.deepStrictEqual(leases.hold([row(2)], 1100), [])
    assert.isTrue(leases.lasts(row(1), 1200, 500))
    assert.deepStrictEqual(leases.claimToSettle(row(1)), { sequence: 1, claims: 2 })
  })

  it("that are lost stay lost to a request in flight, also if the row is claimed again", () => {
    const leases = Leases.make(1000)
    leases.hold([row(1)], 0)
    assert.strictEqual(leases.renewed([row(1)], [], 300), 1)
    assert.deepStrictEqual(leases.hold([row(3)], 600), [row(3)])
    assert.isFalse(leases.lasts(row(1), 700, 500))
    assert.deepStrictEqual(leases.claimToSettle(row(1)), { sequence: 1, claims: 1 })
    leases.release([row(1)])
    assert.isTrue(leases.lasts(row(3), 700, 500))
  })

  it("of a row whose result is being written are not lost before that has shown it", () => {
    const leases = Leases.make(1000)
    leases.hold([row(1)], 0)
    leases.claimToSettle(row(1))
    assert.strictEqual(leases.renewed([row(1)], [], 300), 0)
    assert.deepStrictEqual(leases.all(), [{ sequence: 1, claims: 1 }])
  })
})
