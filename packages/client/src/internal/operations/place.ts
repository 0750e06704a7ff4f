/** Adds the project to requests that do not name their project themselves. */
import type { InProject } from "../../WebhooksService.js"

/** Adds the project to a request. `Place` is the type of what the request itself says about its project. */
export type Complete<Place> = <A>(request: A & Place) => A & InProject

/** Leaves requests unchanged, because they name their project themselves. */
export const inAny: Complete<InProject> = (request) => request

/** Adds one project to all requests. */
export const within =
  (project: InProject): Complete<unknown> =>
  (request) => ({ ...request, ...project })
