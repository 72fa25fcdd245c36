import type { FindingView } from '@throughline/model/api/findings';

type Verdict = NonNullable<FindingView['verdict']>;

export const VERDICT_TEXT: Record<Verdict, string> = {
  'waiting-timer': 'Waits for a timer',
  'waiting-human': 'Waits for a person',
  'waiting-external': 'Waits for another company or system',
  'queue-lag': 'Queued behind other messages',
  'consumer-absent': 'Nobody takes these messages',
  'dead-lettered': 'Moved to a dead-letter destination',
  retrying: 'Being tried again',
  'handler-in-flight': 'Its handler is still at work',
  'handler-crashed': 'Its handler ended without an answer',
  'key-mismatch': 'Continued under another key',
  'never-sent': 'Was never sent',
  'telemetry-gap': 'Not known: a service sends no spans',
};
