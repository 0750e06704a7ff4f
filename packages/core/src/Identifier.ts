/**
 * The branded integers that identify workspaces, projects, webhooks and datasets.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Schema from "effect/Schema"

/**
 * An identifier that a caller passes to a call: a branded identifier or a plain number. The type refuses an identifier
 * of another kind. For example, a `workspaceId` cannot be the identifier of a project.
 *
 * @example
 * import type { Identifier } from "@mammoth-effect/core"
 *
 * const fromConfig: Identifier.Input<Identifier.WorkspaceId> = 4
 *
 * @since 0.1.0
 * @category models
 */
export type Input<Id extends number> = Id | (number & { readonly [Brand.BrandTypeId]?: never })

/**
 * The identifier of a workspace, which is a collection of projects: an integer from 1 to 2^53 - 1.
 *
 * Source: published API description, path parameter `workspace_id`.
 *
 * @example
 * import { Identifier } from "@mammoth-effect/core"
 *
 * const workspaceId: Identifier.WorkspaceId = Identifier.WorkspaceId.make(4)
 *
 * @since 0.1.0
 * @category schemas
 */
export const WorkspaceId: Schema.brand<
  Schema.filter<typeof Schema.Number>,
  "@mammoth-effect/core/WorkspaceId"
> = Schema.Number.pipe(
  Schema.filter((n) => Number.isSafeInteger(n) && n >= 1, {
    description: "an integer from 1 to 2^53 - 1",
    jsonSchema: { type: "integer", minimum: 1 },
    arbitrary: () => (fc) => fc.integer({ min: 1 })
  }),
  Schema.brand("@mammoth-effect/core/WorkspaceId")
)

/**
 * A number that a schema has accepted as a workspace's identifier.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkspaceId = number & Brand.Brand<"@mammoth-effect/core/WorkspaceId">

/**
 * The identifier of a project in a workspace: an integer from 1 to 2^53 - 1.
 *
 * Source: published API description, path parameter `project_id`.
 *
 * @example
 * import { Identifier } from "@mammoth-effect/core"
 *
 * const projectId: Identifier.ProjectId = Identifier.ProjectId.make(4)
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProjectId: Schema.brand<
  Schema.filter<typeof Schema.Number>,
  "@mammoth-effect/core/ProjectId"
> = Schema.Number.pipe(
  Schema.filter((n) => Number.isSafeInteger(n) && n >= 1, {
    description: "an integer from 1 to 2^53 - 1",
    jsonSchema: { type: "integer", minimum: 1 },
    arbitrary: () => (fc) => fc.integer({ min: 1 })
  }),
  Schema.brand("@mammoth-effect/core/ProjectId")
)

/**
 * A number that a schema has accepted as a project's identifier.
 *
 * @since 0.1.0
 * @category models
 */
export type ProjectId = number & Brand.Brand<"@mammoth-effect/core/ProjectId">

/**
 * The identifier of a webhook: any integer between -(2^53 - 1) and 2^53 - 1.
 *
 * Source: published API description, `WebhookStandardSchema.id`, which gives no bounds. An integer outside this range
 * is refused, because JavaScript may round it.
 *
 * @example
 * import { Identifier } from "@mammoth-effect/core"
 *
 * const webhookId: Identifier.WebhookId = Identifier.WebhookId.make(8)
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookId: Schema.brand<
  Schema.filter<typeof Schema.Number>,
  "@mammoth-effect/core/WebhookId"
> = Schema.Number.pipe(
  Schema.filter((n) => Number.isSafeInteger(n), {
    description: "an integer between -(2^53 - 1) and 2^53 - 1",
    jsonSchema: { type: "integer" },
    arbitrary: () => (fc) => fc.maxSafeInteger()
  }),
  Schema.brand("@mammoth-effect/core/WebhookId")
)

/**
 * A number that a schema has accepted as a webhook's identifier.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookId = number & Brand.Brand<"@mammoth-effect/core/WebhookId">

/**
 * The identifier of the dataset that a webhook writes to: any integer between -(2^53 - 1) and 2^53 - 1.
 *
 * Source: published API description, `WebhookStandardSchema.ds_id`.
 *
 * @example
 * import { Identifier } from "@mammoth-effect/core"
 *
 * const datasetId: Identifier.DatasetId = Identifier.DatasetId.make(535)
 *
 * @since 0.1.0
 * @category schemas
 */
export const DatasetId: Schema.brand<
  Schema.filter<typeof Schema.Number>,
  "@mammoth-effect/core/DatasetId"
> = Schema.Number.pipe(
  Schema.filter((n) => Number.isSafeInteger(n), {
    description: "an integer between -(2^53 - 1) and 2^53 - 1",
    jsonSchema: { type: "integer" },
    arbitrary: () => (fc) => fc.maxSafeInteger()
  }),
  Schema.brand("@mammoth-effect/core/DatasetId")
)

/**
 * A number that a schema has accepted as a dataset's identifier.
 *
 * @since 0.1.0
 * @category models
 */
export type DatasetId = number & Brand.Brand<"@mammoth-effect/core/DatasetId">
