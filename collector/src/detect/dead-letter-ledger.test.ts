import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { MessageTrail } from '@throughline/model/traffic';
import { describe, expect, it } from 'vitest';
import { DeadLetterLedger } from './dead-letter-ledger.js';

const at = (ns: number): UnixNs => BigInt(ns) as UnixNs;
const runId = 'r_1' as RunId;

function trail(overrides: Partial<MessageTrail>): MessageTrail {
  return {
    system: 'rabbitmq',
    destination: 'orders',
    isDeadLetterDestination: false,
    messageType: 'order.placed',
    producer: 'shop',
    producerVersion: '1.0.0',
    sentAtNs: at(10),
    consumers: [],
    deadLettered: null,
    undeliverable: false,
    ...overrides,
  };
}

const payments = { service: 'payments', atNs: at(20), subscription: 'payments', isPending: false };
const refusal = {
  reason: 'rejected',
  source: 'payments',
  atNs: at(20),
  service: 'payments',
  version: '2.1.0',
  cameBack: false,
};
const refused = trail({ consumers: [payments], deadLettered: refusal });
const copy = trail({
  destination: 'dlx',
  isDeadLetterDestination: true,
  producer: 'payments',
  sentAtNs: at(30),
});

function placesOf(...messages: readonly MessageTrail[]): string[] {
  const ledger = new DeadLetterLedger();
  const places = ledger.put({ runId, workflow: 'checkout', hops: [], messages });
  return [...places].sort().map((id) => {
    const { place, letters } = ledger.at(id) ?? { place: { name: id }, letters: [] };
    return `${place.name}: ${letters.map(({ reason }) => reason).join(', ')}`;
  });
}

describe('dead letters', () => {
  it('that were refused lie with the queue they were refused from', () => {
    expect(placesOf(refused)).toEqual(['payments dead letters: rejected']);
  });

  it('that were refused and sent on to a dead-letter destination are counted once, there', () => {
    expect(placesOf(refused, copy)).toEqual(['dlx: sent to a dead-letter destination']);
    expect(placesOf(refused, refused, copy).length).toBe(2);
  });

  it('that came back, or were taken from there again, are no backlog', () => {
    expect(placesOf(trail({ deadLettered: { ...refusal, cameBack: true } }))).toEqual([]);
    expect(placesOf(refused, { ...copy, consumers: [payments] })).toEqual([]);
  });

  it.each([
    ['once', [refused], 0],
    [
      'by its consumer three times',
      [trail({ consumers: [payments], deadLettered: { ...refusal, times: 3 } })],
      2,
    ],
    [
      'as a copy, once more after it was taken out',
      [refused, { ...copy, consumers: [payments] }, refused, { ...copy, sentAtNs: at(90) }],
      1,
    ],
    [
      'as a message that was sent anew from there',
      [
        { ...refused, deadLettered: { ...refusal, cameBack: true } },
        trail({ sentAtNs: at(50), deadLettered: { ...refusal, atNs: at(60) } }),
      ],
      1,
    ],
    ['with others of its type, for the first time', [refused, refused, refused], 0],
  ] as const)('know how often they came back: put aside %s', (_, messages, times) => {
    const ledger = new DeadLetterLedger();
    const places = ledger.put({ runId, workflow: 'checkout', hops: [], messages });
    const letters = [...places].flatMap((id) => ledger.at(id)?.letters ?? []);
    expect(letters.length).toBeGreaterThan(0);
    for (const { cameBack } of letters) expect(cameBack).toBe(times);
  });

  it('go with their run', () => {
    const ledger = new DeadLetterLedger();
    const [id = ''] = ledger.put({ runId, workflow: 'checkout', hops: [], messages: [copy] });
    expect(ledger.at(id)?.letters.length).toBe(1);
    expect([...ledger.remove(runId)]).toEqual([id]);
    expect(ledger.at(id)).toBeNull();
  });
});
