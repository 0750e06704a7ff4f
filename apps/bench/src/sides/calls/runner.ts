/** A process that holds one side, and does with it what it is told line by line. */
import { PerformanceObserver } from "node:perf_hooks"
import { createInterface } from "node:readline"
import type { Allocated, Command, Held, ReadAll, Refused, Start, Started, Turn } from "./Command.js"
import type { Open, Side } from "./Side.js"
import type { CaseName } from "./Work.js"

const start: Start = JSON.parse(process.argv[2] ?? "")

const importedFrom = performance.now()
const { open }: { readonly open: Open } = await import(start.side)
const importMillis = performance.now() - importedFrom

/** Makes so many calls. */
const make = (side: Side, name: CaseName, concurrency: number, calls: number): Promise<void> => {
  let left = calls
  return side.run(name, concurrency, () => left-- > 0)
}

const say = (line: object): void => console.log(JSON.stringify(line))

const side = await open(start.baseUrl)
if (start.calls) await make(side, "list50", 1, 1)
const started: Started = { importMillis, answeredAt: performance.timeOrigin + performance.now() }
say(started)

const turn = async (name: CaseName, concurrency: number, leadIn: number, millis: number): Promise<Turn> => {
  await make(side, name, concurrency, leadIn)
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
}

const readAll = async (projectId: number, times: number): Promise<ReadAll> => {
  const from = performance.now()
  let webhooks = 0
  for (let time = 0; time < times; time++) webhooks += await side.readAll(projectId)
  return { webhooks, millis: performance.now() - from }
}

let collections = 0
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length
})
observer.observe({ entryTypes: ["gc"] })

const collect = async (): Promise<void> => {
  if (globalThis.gc === undefined) throw new Error("this needs --expose-gc")
  globalThis.gc()
  // finalizers run, and the observer is told
  await new Promise((resolve) => setTimeout(resolve, 20))
}

const used = (): number => {
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const allocate = async (name: CaseName, calls: number): Promise<Allocated> => {
  await make(side, name, 1, calls)
  await collect()
  collections = 0
  const before = used()
  await make(side, name, 1, calls)
  const bytes = (used() - before) / calls
  // the observer is told in a later turn
  await new Promise((resolve) => setTimeout(resolve, 20))
  return { bytes: collections === 0 ? bytes : null }
}

const hold = async (calls: number): Promise<Held> => {
  await make(side, "list50", 32, calls)
  // what waited for a finalizer is free after the second
  await collect()
  await collect()
  return { heapBytes: process.memoryUsage().heapUsed }
}

const refuse = async (): Promise<Refused> => ({ isRefused: await side.refusesWrong() })

const perform = (command: Command): Promise<object> => {
  switch (command.do) {
    case "turn":
      return turn(command.name, command.concurrency, command.leadIn, command.millis)
    case "readAll":
      return readAll(command.projectId, command.times)
    case "allocate":
      return allocate(command.name, command.calls)
    case "hold":
      return hold(command.calls)
    case "refuse":
      return refuse()
  }
}

for await (const line of createInterface(process.stdin)) {
  const command: Command = JSON.parse(line)
  say(await perform(command))
}
await side.close()
