/** Runs one side. Reads commands from stdin, and replies to each command with a line on stdout. */
import { PerformanceObserver } from "node:perf_hooks"
import { createInterface } from "node:readline"
import type { CaseName } from "./Figures.js"
import type { Answers, Question, Questions, Start, Started } from "./Sides.js"
import type { Open } from "./sides/Side.js"

const start: Start = JSON.parse(process.argv[2] ?? "")

const importedFrom = performance.now()
const { open }: { readonly open: Open } = await import(start.side)
const importMillis = performance.now() - importedFrom

const say = (line: unknown): void => console.log(JSON.stringify(line))

const side = await open(start.baseUrl)

const makeCalls = (name: CaseName, concurrency: number, calls: number): Promise<void> => {
  let left = calls
  return side.run(name, concurrency, () => left-- > 0)
}

if (start.calls) await makeCalls("list50", 1, 1)
const started: Started = { importMillis, answeredAt: performance.timeOrigin + performance.now() }
say(started)

let collections = 0
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length
})
observer.observe({ entryTypes: ["gc"] })

/** Waits 20 ms, so that finalizers and the observer of garbage collection can run. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

const collect = async (): Promise<void> => {
  if (globalThis.gc === undefined) throw new Error("cannot start garbage collection. Start Node with --expose-gc")
  globalThis.gc()
  await pause()
}

const used = (): number => {
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const answers: { readonly [Name in Question]: (about: Questions[Name]) => Promise<Answers[Name]> } = {
  turn: async ({ concurrency, leadIn, millis, name }) => {
    await makeCalls(name, concurrency, leadIn)
    let calls = 0
    const cpuBefore = process.cpuUsage()
    const from = performance.now()
    const until = from + millis
    await side.run(name, concurrency, () => {
      if (calls >= concurrency && performance.now() >= until) return false
      calls += 1
      return true
    })
    const took = performance.now() - from
    const cpu = process.cpuUsage(cpuBefore)
    return { calls, millis: took, cpuMillis: (cpu.user + cpu.system) / 1000, requests: leadIn + calls }
  },
  readAll: async ({ projectId, times }) => {
    const from = performance.now()
    let webhooks = 0
    for (let time = 0; time < times; time++) webhooks += await side.readAll(projectId)
    return { webhooks, millis: performance.now() - from }
  },
  allocate: async ({ calls, name }) => {
    await makeCalls(name, 1, calls)
    await collect()
    collections = 0
    const before = used()
    await makeCalls(name, 1, calls)
    const bytes = (used() - before) / calls
    await pause()
    return collections === 0 ? bytes : null
  },
  hold: async ({ calls }) => {
    await makeCalls("list50", 32, calls)
    // Collect twice: the second collection frees objects that waited for their finalizer.
    await collect()
    await collect()
    return process.memoryUsage().heapUsed
  },
  refuse: () => side.refusesWrong()
}

interface Asked<Name extends Question> {
  readonly question: Name
  readonly about: Questions[Name]
}

const answer = <Name extends Question>({ about, question }: Asked<Name>): Promise<Answers[Name]> =>
  answers[question](about)

for await (const line of createInterface(process.stdin)) {
  const asked: Asked<Question> = JSON.parse(line)
  say(await answer(asked))
}
await side.close()
