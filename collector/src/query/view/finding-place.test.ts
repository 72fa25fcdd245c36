import type { Finding, FindingSubject } from '@throughline/model/finding';
import { placeId, type Place } from '@throughline/model/traffic';
import { describe, expect, it } from 'vitest';
import { isAbout } from './finding-place.js';

const inventory: Place = { kind: 'service', name: 'inventory', system: null };
const gifts: Place = { kind: 'destination', name: 'gifts', system: 'kafka' };

function finding(kind: FindingSubject['kind'], id: string, where: string): Finding {
  return { subject: { kind, id, label: id }, where } as Finding;
}

describe('the place that a finding speaks of', () => {
  it('is the service that should have reacted, when runs stopped on an edge', () => {
    const stalled = finding(
      'edge',
      'order: payment.captured → inventory',
      'payment.captured → inventory',
    );
    expect(isAbout(stalled, inventory)).toBe(true);
    expect(isAbout(stalled, { ...inventory, name: 'tory' })).toBe(false);
  });

  it('is the service in which the step of a run failed', () => {
    const failed = finding('run', 'r_1', 'reserve stock in inventory');
    expect(isAbout(failed, inventory)).toBe(true);
    expect(isAbout(failed, { ...inventory, name: 'reserve stock' })).toBe(false);
  });

  it('is the destination by its id, never a namesake of it', () => {
    const unread = finding('destination', placeId(gifts), 'order.gift-wrapped → gifts → nobody');
    expect(isAbout(unread, gifts)).toBe(true);
    expect(isAbout(unread, { ...gifts, system: 'rabbitmq' })).toBe(false);
    expect(isAbout(unread, { kind: 'service', name: 'gifts', system: null })).toBe(false);
  });
});
