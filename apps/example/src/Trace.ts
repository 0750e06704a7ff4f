/** Discards the spans of a run, prints them as a tree, or sends them to an OpenTelemetry collector. */
import * as Otlp from "@effect/opentelemetry/Otlp"
import type { HttpClient } from "@effect/platform"
import { Config, type ConfigError, Console, Effect, Exit, Layer, Option, Tracer } from "effect"

interface Node {
  readonly name: string
  readonly attributes: Map<string, unknown>
  readonly children: Array<Node>
  millis: number
  failed: boolean
}

/** The maximum number of spans with the same name that are printed below one parent. The remaining spans are only counted. */
const shown = 3

const told = ["http.response.status_code", "http.request.resend_count", "mammoth.delivery", "error.type"]

const line = ({ attributes, failed, millis, name }: Node): string => {
  const details = told.flatMap((key) =>
    attributes.has(key) ? [`${key.split(".").at(-1)} ${String(attributes.get(key))}`] : []
  )
  return [name, `${millis.toFixed(1)} ms`, ...details, ...(failed ? ["failed"] : [])].join(", ")
}

const lines = (nodes: ReadonlyArray<Node>, indent: string): ReadonlyArray<string> => {
  const names = [...new Set(nodes.map((node) => node.name))]
  return names.flatMap((name) => {
    const alike = nodes.filter((node) => node.name === name)
    const more = alike.length - shown
    return [
      ...alike.slice(0, shown).flatMap((node) => [`${indent}${line(node)}`, ...lines(node.children, `${indent}  `)]),
      ...(more > 0 ? [`${indent}${name}, ${more.toLocaleString("en")} more`] : [])
    ]
  })
}

/** Prints the spans as a tree when the program ends. */
export const layerTree: Layer.Layer<never> = Layer.unwrapScoped(
  Effect.gen(function* () {
    const roots: Array<Node> = []
    const nodes = new WeakMap<Tracer.AnySpan, Node>()
    yield* Effect.addFinalizer(() => Console.log(["", "Spans", "", ...lines(roots, "")].join("\n")))
    const tracer = Tracer.make({
      context: (run) => run(),
      span: (name, parent, context, links, startTime, kind) => {
        const node: Node = { name, attributes: new Map(), children: [], millis: 0, failed: false }
        const above = Option.flatMapNullable(parent, (span) => nodes.get(span))
        Option.match(above, { onNone: () => roots.push(node), onSome: ({ children }) => children.push(node) })
        const span: Tracer.Span = {
          _tag: "Span",
          name,
          parent,
          context,
          kind,
          links,
          spanId: "",
          traceId: "",
          sampled: true,
          attributes: node.attributes,
          status: { _tag: "Started", startTime },
          attribute: (key, value) => node.attributes.set(key, value),
          event: () => undefined,
          addLinks: () => undefined,
          end: (endTime, exit) => {
            node.millis = Number(endTime - startTime) / 1e6
            node.failed = Exit.isFailure(exit)
          }
        }
        nodes.set(span, node)
        return span
      }
    })
    return Layer.setTracer(tracer)
  })
)

/** Sends spans, logs and metrics to the OpenTelemetry collector at a URL such as `http://localhost:4318`. */
export const layerOtlp = (baseUrl: string): Layer.Layer<never, never, HttpClient.HttpClient> =>
  Otlp.layerJson({ baseUrl, resource: { serviceName: "mammoth-example" } })

/** Uses {@link layerTree} if `isTreeWanted`. Otherwise uses {@link layerOtlp} if `OTEL_EXPORTER_OTLP_ENDPOINT` is set. */
export const layer = (isTreeWanted: boolean): Layer.Layer<never, ConfigError.ConfigError, HttpClient.HttpClient> =>
  isTreeWanted
    ? layerTree
    : Layer.unwrapEffect(
        Effect.map(
          Config.option(Config.nonEmptyString("OTEL_EXPORTER_OTLP_ENDPOINT")),
          Option.match({ onNone: () => Layer.empty, onSome: layerOtlp })
        )
      )
