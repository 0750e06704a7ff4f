/** Runs a side's job in this process, and prints the measurement as one line of JSON. */
import type { Job, Measurement } from "../Job.js"

export interface Side {
  /** Sends `rows` rows, and waits until the server has accepted all of them. */
  readonly ingest: (rows: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Decodes the process's first argument to a job, and runs the job. */
export const measure = async (open: (job: Job) => Side): Promise<void> => {
  const job: Job = JSON.parse(process.argv[2] ?? "")
  const side = open(job)
  await side.ingest(job.warmUp)

  let peakRss = 0
  const sample = () => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss())
  }
  const timer = setInterval(sample, 10)
  const millis: Array<number> = []
  const cpuBefore = process.cpuUsage()
  for (let pass = 0; pass < job.passes; pass++) {
    const startedAt = performance.now()
    await side.ingest(job.rows)
    millis.push(performance.now() - startedAt)
    sample()
  }
  const cpu = process.cpuUsage(cpuBefore)
  clearInterval(timer)
  await side.close()

  const measurement: Measurement = { millis, cpuMillis: (cpu.user + cpu.system) / 1000, peakRss }
  console.log(JSON.stringify(measurement))
}
