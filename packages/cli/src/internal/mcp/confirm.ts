/** Asks the user for confirmations. The client shows each question to the user. The protocol calls a question an elicitation. */
import { randomUUID } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext
} from "@modelcontextprotocol/server"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import { refusal, type ToolError } from "./failure.js"

/**
 * The error that carries a question to the user. A tool fails with this error if it first needs the user's answer. The client
 * then repeats the call with the answer.
 */
export class Ask extends Data.TaggedError("Ask")<{ readonly question: InputRequiredResult }> {}

/** The call that needs a confirmation, and the question for the user. */
interface Request {
  readonly tool: string
  readonly input: unknown
  readonly question: string
}

interface Pending extends Request {
  readonly ticket: string
}

/** Asks for confirmations and checks the answers. */
export interface Confirmations {
  readonly confirm: (
    request: Request,
    server: McpServer,
    context: ServerContext
  ) => Effect.Effect<void, Ask | ToolError>
}

/** The maximum number of unanswered questions. If there are more, a new question replaces the oldest question. */
const mostPending = 20

const key = "confirm"

/**
 * Returns true if the client can show a form. A client that supports elicitation, but names neither `form` nor `url`, can
 * show forms, too.
 */
const showsForms = (capabilities: unknown): boolean =>
  Predicate.hasProperty(capabilities, "elicitation")
  && Predicate.isRecord(capabilities.elicitation)
  && ("form" in capabilities.elicitation || !("url" in capabilities.elicitation))

/**
 * Returns the client's capabilities. With the protocol of 2026, a client sends them in each request. With the protocol of
 * 2025, a client sends them once, in the handshake.
 */
const capabilitiesOf = (server: McpServer, { mcpReq: { envelope } }: ServerContext): unknown =>
  Predicate.hasProperty(envelope, CLIENT_CAPABILITIES_META_KEY)
    ? envelope[CLIENT_CAPABILITIES_META_KEY]
    : server.server.getClientCapabilities()

const ask = ({ question, ticket }: Pending): Ask =>
  new Ask({
    question: inputRequired({
      inputRequests: {
        [key]: inputRequired.elicit({
          message: question,
          requestedSchema: {
            type: "object",
            properties: { [key]: { type: "boolean", title: "Yes, do this", default: false } },
            required: [key]
          }
        })
      },
      requestState: ticket
    })
  })

/**
 * Makes the service that asks for confirmations, for one server. Each question carries a random ticket, and the client
 * returns the ticket with the answer. A ticket is valid for one call, with the arguments and the question that the user
 * saw. So a client can answer only the questions that the server asked.
 */
export const make: Effect.Effect<Confirmations> = Effect.map(Ref.make<ReadonlyArray<Pending>>([]), (pending) => ({
  confirm: (request, server, context) => {
    const ticket = context.mcpReq.requestState()
    if (ticket === undefined) {
      return showsForms(capabilitiesOf(server, context))
        ? Effect.flatMap(
            Effect.sync(() => ({ ...request, ticket: randomUUID() })),
            (asked) =>
              Effect.zipRight(
                Ref.update(pending, (others) => [...others, asked].slice(-mostPending)),
                Effect.fail(ask(asked))
              )
          )
        : Effect.fail(
            refusal(
              "CannotConfirm",
              "This tool needs the user's confirmation, but the client does not support elicitation.",
              "Ask the user to run the command mammoth-webhooks instead, or to use a client that supports elicitation."
            )
          )
    }
    return Effect.flatMap(
      Ref.modify(pending, (all) => [
        all.find((each) => each.ticket === ticket),
        all.filter((each) => each.ticket !== ticket)
      ]),
      (asked) => {
        if (asked === undefined) {
          return Effect.fail(
            refusal(
              "ConfirmationExpired",
              "This confirmation was already used, or is too old.",
              "Call the tool again without the answer. The server then asks the user again."
            )
          )
        }
        const { ticket: _, ...seen } = asked
        if (!isDeepStrictEqual(seen, request)) {
          return Effect.fail(
            refusal(
              "ConfirmationChanged",
              "The arguments or the webhook changed after the user saw the question.",
              "Call the tool again without the answer. The server then asks the user again."
            )
          )
        }
        const answer = inputResponse(context.mcpReq.inputResponses, key)
        return answer.kind === "elicit" && answer.action === "accept" && answer.content?.[key] === true
          ? Effect.void
          : Effect.fail(
              refusal(
                "NotConfirmed",
                "The user did not confirm.",
                "Do not repeat the call unless the user asks for it."
              )
            )
      }
    )
  }
}))
