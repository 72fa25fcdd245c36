import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

/** As if from the environment alone: no file is read. */
function detect(env: Readonly<Record<string, string>>) {
  return loadConfig({ flags: {}, env, cwd: '/nowhere/at/all' }).policy.detect;
}

describe('what rules are told', () => {
  it('switches rules off by name', () => {
    const { off } = detect({ THROUGHLINE_DETECT__OFF: 'lost-context, event-storm' });
    expect(off).toEqual(new Set(['lost-context', 'event-storm']));
    expect(detect({}).off).toBeUndefined();
  });

  it('refuses to switch off what is no rule', () => {
    expect(() => detect({ THROUGHLINE_DETECT__OFF: 'event-strom' })).toThrow(
      /expected a rule such as event-storm, found "event-strom"/,
    );
  });

  it('tunes what a storm is, and leaves the rest as it is', () => {
    const { eventStorm } = detect({ THROUGHLINE_DETECT__EVENT_STORM__FACTOR: '4.5' });
    expect(eventStorm).toEqual({ minSamples: 20, factor: 4.5, floor: 50 });
  });

  it('refuses what is no number, and keys that it does not know', () => {
    expect(() => detect({ THROUGHLINE_DETECT__EVENT_STORM__FLOOR: '0' })).toThrow(/at least 1/);
    expect(() => detect({ THROUGHLINE_DETECT__EVENT_STORM__FAKTOR: '3' })).toThrow(/factor/);
  });
});
