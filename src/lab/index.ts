/** @public */
export type { LabDivergeResult } from './diverge/diverge.js'
export { labDiverge } from './diverge/diverge.js'
/** @public */
export type { LabDivergeOptions } from './diverge/options.js'
/** @public */
export type { LabDownOptions, LabDownResult } from './down.js'
export { labDown } from './down.js'
/** @public */
export type { EnsureOptions } from './ensure-server.js'
export { ensureServer } from './ensure-server.js'
export { type LabMaster, type LabState, readLab } from './lab-state.js'
export { labArrange, labScenarios } from './scenarios/scenarios.js'
/** @public */
export type { ServerBinary } from './server-binary.js'
/** @public */
export type { MasterAnswer, MasterStatus } from './status.js'
export { type LabStatus, labStatus } from './status.js'
export { statusLines } from './status-lines.js'
/** @public */
export type { LabTrafficOptions, LabTrafficResult } from './traffic/traffic.js'
export { labTraffic } from './traffic/traffic.js'
/** @public */
export type { How, TrueDivergence, Truth } from './truth.js'
export { readTruth } from './truth.js'
export { labUp } from './up.js'
/** @public */
export type { LabUpOptions } from './up-options.js'
