export { workflow } from './run/workflow.js';
export type { WorkflowOptions } from './run/workflow.js';
export type { Keys } from './run/run-context.js';
export { compensate, step } from './run/step.js';
export type { StepKind, StepOptions } from './run/step.js';
export { frontController } from './run/front-controller.js';
export type { FrontControllerOptions } from './run/front-controller.js';
export {
  actor,
  currentCorrelation,
  currentKey,
  currentKeys,
  expect,
  finish,
  skip,
} from './run/marks.js';
export type { Expectation, RunOutcome } from './run/marks.js';
export { send } from './message/send.js';
export type { SendOptions, SentMessage } from './message/send.js';
export { take } from './message/take.js';
export type { TakeOptions } from './message/take.js';
export type { AnyHeaders } from './message/carrier.js';
export { deadLetter } from './message/dead-letter.js';
export type { DeadLetterMark } from './message/dead-letter.js';
export { watchEmitter } from './message/watch-emitter.js';
export type { WatchOptions } from './message/watch-emitter.js';
export { flush, start } from './start.js';
export type { StartOptions } from './settings.js';
