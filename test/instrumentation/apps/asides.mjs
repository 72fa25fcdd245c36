// A transport of the app's own that sets messages aside, and a run that says what it expects and how it ends.
import {
  actor,
  compensate,
  deadLetter,
  expect,
  finish,
  frontController,
  step,
  take,
} from '@throughline/instrumentation';

const message = { system: 'nats', destination: 'orders', messageId: 'm1' };
take(message, () => deadLetter({ reason: 'schema', source: 'orders' }));
take(message, () =>
  deadLetter(
    { reason: 'late', source: 'orders' },
    { system: 'nats', destination: 'orders.dead', messageId: 'm2' },
    () => undefined,
  ),
);
const watching = { key: { employee: 'e1' }, expects: ['account.ready'], withinMs: 500, by: 'it' };
frontController('onboarding', watching, () => {
  step('approve', { kind: 'approval', attempt: 2, deadlineMs: 1_000 }, () => {
    actor('hr');
    expect(['a', 'b'], { withinMs: 30, by: 'payroll' });
  });
  compensate('open account', () => finish('compensated'));
});
finish('cancelled');
