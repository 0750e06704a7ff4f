/**
 * Runs a local server of Mammoth's webhooks for tests and examples, with faults on demand.
 *
 * @since 0.1.0
 */
export * as Emulator from "./Emulator.js"
export * as Fault from "./Fault.js"
export * as InProcess from "./InProcess.js"
export * as RecordedRequest from "./RecordedRequest.js"
