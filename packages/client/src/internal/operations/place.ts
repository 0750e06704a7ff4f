/** Adds the project to requests that do not name their project themselves. */
import type { InProject } from "../../WebhooksService.js"

/**
 * Makes a request that names its project. `Place` is `InProject` if the given request already names its project.
 * Otherwise, `Place` is `unknown`.
 */
export type Complete<Place> = <A>(request: A & Place) => A & InProject

/** Leaves requests unchanged, because they name their project themselves. */
export const inAny: Complete<InProject> = (request) => request

/** Adds one project to all requests. */
export const within =
  (project: InProject): Complete<unknown> =>
  (request) => ({ ...request, ...project })
