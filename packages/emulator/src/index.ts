/**
 * Runs a local server that behaves like Mammoth's webhooks, for tests and examples. It shows faults on demand.
 *
 * @since 0.1.0
 */
export * as Emulator from "./Emulator.js"
export * as Fault from "./Fault.js"
export * as InProcess from "./InProcess.js"
export * as RecordedRequest from "./RecordedRequest.js"
