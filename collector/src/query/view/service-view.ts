import type { ServiceView } from '@throughline/model/api/catalog';
import type { Owner, Policy } from '@throughline/model/policy';
import type { ServiceTraffic } from '../../store/read-store.js';
import { instantOrNull } from './instants.js';

/** @param droppedSpanCount spans of the service that never were sent. */
export function serviceView(
  service: ServiceTraffic,
  policy: Policy,
  droppedSpanCount: number,
): ServiceView {
  const owner = ownerOf(policy, service.name);
  return {
    name: service.name,
    versions: [...service.versions],
    instances: [...service.instances],
    owner: owner?.team ?? null,
    runbook: owner?.runbook ?? null,
    sends: [...service.sends],
    takes: [...service.takes],
    calls: [...service.calls],
    calledBy: [...service.calledBy],
    stepCount: service.stepCount,
    errorCount: service.errorCount,
    droppedSpanCount,
    lastSeenAt: instantOrNull(service.lastSeenAtNs),
  };
}

export function ownerOf(policy: Policy, service: string): Owner | undefined {
  return policy.owners.find((owner) => owner.service === service);
}
