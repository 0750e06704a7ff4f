/** Checks the base URL of a server. */
import * as Either from "effect/Either"

const loopback = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Removes the slashes at the end of a path, one by one. For a path with many slashes, a regular expression would be
 * slow, because it would try to match at each slash.
 */
const withoutSlashes = (path: string): string => {
  let end = path.length
  while (path[end - 1] === "/") end -= 1
  return path.slice(0, end)
}

/**
 * Returns a valid base URL without slashes at its end. For any other string, returns a description of a valid base URL.
 */
export const normalize = (baseUrl: string, allowInsecure: boolean): Either.Either<string, string> =>
  Either.try(() => new URL(baseUrl)).pipe(
    Either.mapLeft(() => "an absolute http or https URL such as https://app.mammoth.io/api/v2"),
    Either.flatMap((url) => {
      if (url.protocol !== "https:" && url.protocol !== "http:") return Either.left("an http or https URL")
      if (url.username !== "" || url.password !== "") {
        return Either.left("a URL without user and password (give credentials separately)")
      }
      if (url.search !== "" || url.hash !== "") return Either.left("a URL without query and fragment")
      if (url.protocol === "http:" && !allowInsecure && !loopback.test(url.hostname)) {
        return Either.left(
          "an https URL, because http does not encrypt the keys (http works for loopback or with allowInsecure)"
        )
      }
      return Either.right(`${url.origin}${withoutSlashes(url.pathname)}`)
    })
  )
