/** Explains error codes of the operating system and of zlib in words. The explanations contain no part of a file. */

/** The explanation of each error code. */
const explanations: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a folder"],
  ["EMFILE", "too many files are open"],
  ["ENFILE", "too many files are open"],
  ["ENOENT", "there is no such file or folder"],
  ["ENOSPC", "the disk is full"],
  ["ENOTDIR", "a part of the path is not a folder"],
  ["EPERM", "permission denied"],
  ["EROFS", "the file system is read-only"],
  ["Z_BUF_ERROR", "the gzip data ends too early"],
  ["Z_DATA_ERROR", "the gzip data is damaged"]
])

/** Explains a code. Shows a code without an explanation, so that it can be looked up. */
const ofCode = (code: string): string => explanations.get(code) ?? `error code ${code}`

/** Matches the code in a message, such as `ENOSPC: no space left on device, write`. */
const codePattern = /\b(E[A-Z]{2,}\d*|Z_[A-Z]+_ERROR)(?=:|$)/

/** Returns the code of an error, such as `ENOENT`, or an empty string if the error has no code. */
export const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "")

/** Explains the code in a message. Returns the message unchanged if it has no code. */
export const explain = (message: string): string => {
  const code = codePattern.exec(message)?.[1]
  return code === undefined ? message : ofCode(code)
}

/** Returns the reason for an error. Finds the code in the error, in its cause, or in its message. */
export const reasonOf = (error: Error): string => {
  const code = codeOf(error)
  if (code !== "") return ofCode(code)
  return error.cause instanceof Error ? reasonOf(error.cause) : explain(error.message)
}
