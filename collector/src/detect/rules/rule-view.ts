import type { Policy } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import type { BrokerLedger } from '../broker-ledger.js';
import type { CohortLedger } from '../cohort-ledger.js';
import type { Pledge } from '../pledge.js';
import type { TrafficLedger } from '../traffic-ledger.js';
import type { Surroundings } from '../verdict/diagnosis.js';

/** What rules may look at besides their subject. */
export interface RuleView {
  readonly policy: Policy;
  readonly ledger: TrafficLedger;
  readonly brokers: BrokerLedger;
  readonly cohorts: CohortLedger;
  /** Of all spans, the share that gets lost on its way here, as far as it is known; 0 for none. */
  readonly lossShare: number;
  /** How long the reports of a service take, as a rule; of all services together for null. */
  readonly latenessMs: (service: string | null) => number;
  /** What other runs show at the place where the promise waits. */
  around(pledge: Pledge, now: UnixNs): Surroundings;
}

/** The team of a service, if the policy names one. */
export function ownerOf(policy: Policy, service: string | null): string | null {
  return policy.owners.find((owner) => owner.service === service)?.team ?? null;
}

/** The runbook of a service as a next step, if the policy names one. */
export function runbookOf(policy: Policy, service: string | null) {
  const runbook = policy.owners.find((owner) => owner.service === service)?.runbook ?? null;
  return runbook === null ? [] : [{ text: `follow the runbook of ${service}`, link: runbook }];
}
