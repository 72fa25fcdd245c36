import type { UnixNs } from '@throughline/model/time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.js';

const at = (ns: number): UnixNs => BigInt(ns) as UnixNs;

describe('the agenda', () => {
  it('names what changed once, and what is due when it is due', () => {
    const agenda = new Agenda();
    agenda.changed('a');
    agenda.changed('a');
    agenda.revisit('b', at(10));
    expect([...agenda.take(at(9))]).toEqual(['a']);
    expect([...agenda.take(at(10))]).toEqual(['b']);
    expect([...agenda.take(at(11))]).toEqual([]);
  });

  it('keeps the earliest appointment of a subject, whatever was asked for and in any order', () => {
    const asked = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(50)));
    fc.assert(
      fc.property(asked, fc.nat(50), (appointments, now) => {
        const agenda = new Agenda();
        for (const [subject, ns] of appointments) agenda.revisit(subject, at(ns));
        const due = appointments.filter(([, ns]) => ns <= now).map(([subject]) => subject);
        expect([...agenda.take(at(now))].sort()).toEqual([...new Set(due)].sort());
        const later = appointments.filter(([subject]) => !due.includes(subject));
        expect([...agenda.take(at(50))].sort()).toEqual(
          [...new Set(later.map(([subject]) => subject))].sort(),
        );
      }),
    );
  });
});
