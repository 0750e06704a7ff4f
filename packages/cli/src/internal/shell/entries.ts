/** Makes the entries of the command list. Loads no other module, so that the program's help appears quickly. */
import type { Entry, Loaded } from "./entry.js"

/** Makes the entry of a command. */
export const command = (
  name: string,
  summary: string,
  load: () => Promise<Loaded>,
  onlyReads: Entry["onlyReads"] = () => false
): Entry => ({
  name,
  summary,
  children: [],
  onlyReads,
  load
})

/** Makes the entry of a command that changes nothing on the server. */
export const reading = (name: string, summary: string, load: () => Promise<Loaded>): Entry =>
  command(name, summary, load, () => true)

/** Makes a group of commands, such as `outbox`. */
export const group = (name: string, summary: string, children: ReadonlyArray<Entry>): Entry => ({
  name,
  summary,
  children,
  onlyReads: () => true,
  load: () => Promise.reject(new Error(`${name} is a group`))
})
