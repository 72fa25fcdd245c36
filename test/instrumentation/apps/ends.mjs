// Ends in the way that it is told to, with a step just finished and one still open.
import { setImmediate } from 'node:timers';
import { onExit } from 'signal-exit';
import { step } from '@throughline/instrumentation';

const [, , how] = process.argv;
step('finished', () => undefined);
void step('open', () => new Promise(() => undefined));
const ways = {
  runs_out: () => undefined,
  exit_code: () => {
    process.exitCode = 7;
  },
  exit: () => process.exit(3),
  throws: () => {
    throw new Error('boom');
  },
  rejects: () => {
    void step('rejecting', () => Promise.reject(new Error('unseen')));
  },
  waits: () => setInterval(() => undefined, 1_000),
  with_signal_exit: () => {
    onExit((_, signal) => console.log(`leaving by ${signal}`));
    setInterval(() => undefined, 1_000);
  },
  handles: () => {
    process.once('SIGTERM', () => {
      console.log('cleaning up');
      setTimeout(() => process.exit(5), 50);
    });
    setInterval(() => undefined, 1_000);
  },
};
setImmediate(() => {
  console.log('runs');
  ways[how]();
});
