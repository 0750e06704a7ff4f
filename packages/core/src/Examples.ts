/**
 * Example requests and responses of each operation, for tests, stubs and documentation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Json } from "./Json.js"
import type * as Operations from "./Operations.js"
import * as Webhook from "./Webhook.js"
import type { WebhookPage } from "./WebhookPage.js"

/**
 * One request and its response.
 *
 * @since 0.1.0
 * @category models
 */
export interface Example {
  /** The name of the operation, such as `getDetails`. */
  readonly operation: keyof typeof Operations
  /** A short description of the example. */
  readonly title: string
  readonly request: {
    readonly method: string
    /** The path and query of the request, without the API's base path. */
    readonly path: string
    /** The JSON document of the request, if there is one. */
    readonly body?: Json
  }
  readonly response: {
    readonly status: number
    /** The JSON document of the response, if there is one. */
    readonly body?: Json
  }
}

/**
 * Example requests and responses of every operation, including failed requests.
 *
 * They were recorded from this project's emulator, not from Mammoth's own server. The emulator's tests replay them: a
 * new emulator that receives the requests in this order returns exactly these responses. The keys and secrets are
 * not real credentials.
 *
 * @example
 * import { Examples } from "@mammoth-effect/core"
 *
 * const created = Examples.all.find(({ operation }) => operation === "create")
 * console.log(created?.response.status) // 201
 *
 * @since 0.1.0
 * @category examples
 */
export const all: ReadonlyArray<Example> = [
  {
    operation: "create",
    title: "A webhook whose pushes append rows",
    request: { method: "POST", path: "/workspaces/4/projects/4/webhooks", body: { name: "orders", mode: "combine" } },
    response: {
      status: 201,
      body: {
        webhook: {
          id: 1,
          name: "orders",
          mode: "combine",
          uri: "/webhook/data/N1qiEKuPtqfDQWymOdtgIRIM",
          ds_id: 1001,
          origins: "*"
        }
      }
    }
  },
  {
    operation: "create",
    title: "A secure webhook whose pushes replace all rows",
    request: {
      method: "POST",
      path: "/workspaces/4/projects/4/webhooks",
      body: { name: "prices", mode: "replace", origins: "https://shop.example", is_secure: true }
    },
    response: {
      status: 201,
      body: {
        webhook: {
          id: 2,
          name: "prices",
          mode: "replace",
          uri: "/webhook/data/E2lJJEP9e6DqwulIsb8negTR",
          ds_id: 1002,
          origins: "https://shop.example",
          secret: "Hmm2Pt2MvxAVn91iIvwBdHq4n8Wpcoko"
        }
      }
    }
  },
  {
    operation: "create",
    title: "An unknown mode",
    request: { method: "POST", path: "/workspaces/4/projects/4/webhooks", body: { name: "stock", mode: "merge" } },
    response: {
      status: 400,
      body: {
        status_code: 400,
        detail: 'mode: expected "replace" or "combine", received a string of 5 characters',
        extra: [{ path: ["mode"], message: 'expected "replace" or "combine", received a string of 5 characters' }]
      }
    }
  },
  {
    operation: "list",
    title: "The first page, with every field",
    request: { method: "GET", path: "/workspaces/4/projects/4/webhooks" },
    response: {
      status: 200,
      body: {
        webhooks: [
          {
            id: 1,
            name: "orders",
            mode: "combine",
            uri: "/webhook/data/N1qiEKuPtqfDQWymOdtgIRIM",
            ds_id: 1001,
            origins: "*"
          },
          {
            id: 2,
            name: "prices",
            mode: "replace",
            uri: "/webhook/data/E2lJJEP9e6DqwulIsb8negTR",
            ds_id: 1002,
            origins: "https://shop.example",
            secret: "Hmm2Pt2MvxAVn91iIvwBdHq4n8Wpcoko"
          }
        ],
        limit: 50,
        offset: 0,
        next: ""
      }
    }
  },
  {
    operation: "list",
    title: "One webhook per page, with two fields, sorted by descending id",
    request: { method: "GET", path: "/workspaces/4/projects/4/webhooks?fields=id%2Cname&limit=1&sort=%28id%3Adesc%29" },
    response: {
      status: 200,
      body: {
        webhooks: [{ id: 2, name: "prices" }],
        limit: 1,
        offset: 0,
        next: "/api/v2/workspaces/4/projects/4/webhooks?fields=id%2Cname&limit=1&offset=1&sort=%28id%3Adesc%29"
      }
    }
  },
  {
    operation: "getDetails",
    title: "One webhook",
    request: { method: "GET", path: "/workspaces/4/projects/4/webhooks/1" },
    response: {
      status: 200,
      body: {
        webhook: {
          id: 1,
          name: "orders",
          mode: "combine",
          uri: "/webhook/data/N1qiEKuPtqfDQWymOdtgIRIM",
          ds_id: 1001,
          origins: "*"
        }
      }
    }
  },
  {
    operation: "getDetails",
    title: "One webhook, with the fewest fields",
    request: { method: "GET", path: "/workspaces/4/projects/4/webhooks/1?fields=__min" },
    response: {
      status: 200,
      body: {
        webhook: { id: 1, name: "orders", mode: "combine", uri: "/webhook/data/N1qiEKuPtqfDQWymOdtgIRIM", ds_id: 1001 }
      }
    }
  },
  {
    operation: "getDetails",
    title: "A webhook that does not exist",
    request: { method: "GET", path: "/workspaces/4/projects/4/webhooks/99" },
    response: {
      status: 404,
      body: { error_code: 404, name: "NotFound", message: "This project has no webhook with this id" }
    }
  },
  {
    operation: "update",
    title: "Two changes in one request",
    request: {
      method: "PATCH",
      path: "/workspaces/4/projects/4/webhooks/1",
      body: {
        patch: [
          { op: "replace", path: "origins", value: "https://shop.example" },
          { op: "replace", path: "is_secure", value: false }
        ]
      }
    },
    response: {
      status: 200,
      body: {
        webhook: {
          id: 1,
          name: "orders",
          mode: "combine",
          uri: "/webhook/data/N1qiEKuPtqfDQWymOdtgIRIM",
          ds_id: 1001,
          origins: "https://shop.example"
        }
      }
    }
  },
  {
    operation: "addData",
    title: "One row",
    request: {
      method: "POST",
      path: "/webhooks/data/N1qiEKuPtqfDQWymOdtgIRIM",
      body: { order: 1, customer: "Ada", total: 9.5, paid: true }
    },
    response: { status: 201, body: { message: "Accepted", rows: 1 } }
  },
  {
    operation: "addData",
    title: "A document that is not a row",
    request: { method: "POST", path: "/webhooks/data/N1qiEKuPtqfDQWymOdtgIRIM", body: "order 1" },
    response: {
      status: 400,
      body: {
        status_code: 400,
        detail: "expected one row (an object), received a string of 7 characters",
        extra: [{ path: [], message: "expected one row (an object), received a string of 7 characters" }]
      }
    }
  },
  {
    operation: "addDataUsingGet",
    title: "One row, whose values arrive as strings",
    request: { method: "GET", path: "/webhooks/data/N1qiEKuPtqfDQWymOdtgIRIM?order=2&total=3" },
    response: { status: 200 }
  },
  {
    operation: "delete",
    title: "The second webhook",
    request: { method: "DELETE", path: "/workspaces/4/projects/4/webhooks/2" },
    response: { status: 204 }
  },
  {
    operation: "delete",
    title: "A webhook that was already deleted",
    request: { method: "DELETE", path: "/workspaces/4/projects/4/webhooks/2" },
    response: {
      status: 404,
      body: { error_code: 404, name: "NotFound", message: "This project has no webhook with this id" }
    }
  }
]

/**
 * A webhook named `orders`, in mode `combine`, for stubs that have to return a webhook.
 *
 * @example
 * import { Examples } from "@mammoth-effect/core"
 *
 * const renamed = { ...Examples.webhook, name: "invoices" }
 *
 * @since 0.1.0
 * @category examples
 */
export const webhook: Webhook.Webhook = Schema.decodeSync(Webhook.Webhook)({
  id: 1,
  name: "orders",
  mode: "combine",
  uri: "/webhook/data/N1qiEKuPtqfDQWymOdtgIRIM",
  ds_id: 1001,
  origins: "*"
})

/**
 * The last page of a list. It holds only {@link webhook}.
 *
 * @example
 * import { Examples } from "@mammoth-effect/core"
 *
 * console.log(Examples.page.webhooks.length) // 1
 *
 * @since 0.1.0
 * @category examples
 */
export const page: WebhookPage = { webhooks: [webhook], limit: 50, offset: 0, next: "" }
