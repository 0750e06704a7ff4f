/** Completes requests that name only a `Place` by the project that they are about. */
import type { InProject } from "../../WebhooksService.js"

/** Adds the project to a request. */
export type Complete<Place> = <A>(request: A & Place) => A & InProject

/** The requests name their project themselves. */
export const inAny: Complete<InProject> = (request) => request

/** The requests are all about one project. */
export const within =
  (project: InProject): Complete<unknown> =>
  (request) => ({ ...request, ...project })
