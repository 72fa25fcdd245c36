import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../collector/src/config/load-config.js';
import { Detector } from '../../collector/src/detect/detector.js';
import { atMs, feed, judgedOnce, staged } from './stage.js';

const DOCUMENTS = fileURLToPath(new URL('../../fixtures/documents/', import.meta.url));
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-declared-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function declaredBy(entry: object): Policy {
  writeFileSync(join(folder, 'throughline.yaml'), JSON.stringify({ flows: [entry] }));
  return loadConfig({ flags: {}, env: {}, cwd: folder }).policy;
}

/** A step of the run in a trace of its own, tied to it by its correlation id. */
function does(line: Storyline, name: string, at: number): void {
  line.step({ by: 'worker', name, at, attributes: attributesOf(line) });
}

function fails(line: Storyline, name: string, at: number): void {
  line.step({ by: 'worker', name, at, attributes: attributesOf(line), error: 'it was refused' });
}

function attributesOf({ correlation }: Storyline) {
  return { 'messaging.message.conversation_id': correlation ?? '' };
}

/** What is found, and how the promises of the one run stand, at that time. */
function judged(policy: Policy, ms: number, story: (line: Storyline) => void) {
  const stage = staged(policy, (begin) => {
    story(begin(1));
  });
  const detector = new Detector(stage.policy, new Map());
  feed(detector, stage.runs, atMs(ms));
  detector.sweep(atMs(ms));
  const [run] = stage.runs as [Run];
  return {
    run,
    promises: detector.promises(run).map(({ what, state }) => `${what}: ${state}`),
    findings: judgedOnce(stage, ms).filter(({ rule }) => rule === 'stalled-run'),
  };
}

describe('a run of a process that a BPMN file declares', () => {
  const order = () => declaredBy({ bpmn: join(DOCUMENTS, 'order-fulfilment.bpmn'), within: '30s' });

  function placed(line: Storyline): void {
    line.send({ by: 'shop', type: 'order.placed', to: 'orders', at: 0 });
    does(line, 'Reserve stock', 2 * SECOND);
    // An engine's worker knows the task by its job type.
    does(line, 'charge-card', 3 * SECOND);
  }

  it('opens the promises and keeps them, up to the end', () => {
    const { run, promises, findings } = judged(order(), 5 * HOUR, (line) => {
      placed(line);
      does(line, 'Approve order', 4 * HOUR);
      does(line, 'Ship parcel', 4 * HOUR + 2 * SECOND);
      line.send({ by: 'worker', type: 'order.shipped', to: 'orders', at: 4 * HOUR + 3 * SECOND });
    });
    expect(run).toMatchObject({ workflow: 'order-fulfilment', status: 'completed' });
    expect(promises.sort()).toEqual([
      'Charge card or order.cancelled: kept',
      'Reserve stock: kept',
      'Ship parcel or order.cancelled: kept',
      'order.shipped: kept',
    ]);
    expect(findings).toEqual([]);
  });

  it('waits for a person without a finding', () => {
    const { run, findings } = judged(order(), 4 * HOUR, placed);
    expect(run.status).toBe('active');
    expect(findings).toEqual([]);
  });

  it('is found when a mandatory step is missing', () => {
    const { findings } = judged(order(), 5 * HOUR, (line) => {
      placed(line);
      does(line, 'Approve order', 4 * HOUR);
    });
    expect(findings).toMatchObject([
      { where: 'Approve order → Ship parcel or order.cancelled', runsAffected: 1 },
    ]);
  });

  it('is found when one of two parallel branches is missing', () => {
    const { findings } = judged(order(), HOUR, (line) => {
      line.send({ by: 'shop', type: 'order.placed', to: 'orders', at: 0 });
      does(line, 'charge-card', 3 * SECOND);
    });
    expect(findings).toMatchObject([{ where: 'order.placed → Reserve stock' }]);
  });

  it('may take the path of an error', () => {
    const { run, findings } = judged(order(), HOUR, (line) => {
      line.send({ by: 'shop', type: 'order.placed', to: 'orders', at: 0 });
      does(line, 'Reserve stock', 2 * SECOND);
      fails(line, 'charge-card', 3 * SECOND);
      line.send({ by: 'worker', type: 'order.cancelled', to: 'orders', at: 4 * SECOND });
    });
    expect(run.status).toBe('completed');
    expect(findings).toEqual([]);
  });
});

describe('a run of a state machine', () => {
  const checkout = (beside: object = {}) =>
    declaredBy({ asl: join(DOCUMENTS, 'checkout.asl.json'), within: '30s', ...beside });

  it('keeps its promises under the names that a history gives its states', () => {
    const { promises, findings } = judged(
      checkout({ starts: { event: 'state ReserveStock' } }),
      HOUR / 2,
      (line) => {
        does(line, 'state ReserveStock', 0);
        does(line, 'state ChargeCard', 31 * SECOND);
      },
    );
    expect(promises).toContain('ChargeCard or ReleaseStock: kept');
    expect(findings).toEqual([]);
  });

  it('is found when the next state is not reached in its time, after retries and waits', () => {
    const story = (line: Storyline) => {
      does(line, 'ReserveStock', 0);
    };
    // 30 s of waiting, 20 s for the charge, 5 s for what catches its error, 10 s grace.
    expect(judged(checkout(), 60 * SECOND, story).findings).toEqual([]);
    expect(judged(checkout(), 70 * SECOND, story).findings).toMatchObject([
      { where: 'ReserveStock → ChargeCard or ReleaseStock' },
    ]);
  });

  it('does not end with an attempt at its last step that failed', () => {
    const last = (line: Storyline) => {
      does(line, 'ReserveStock', 0);
      fails(line, 'CloseOrder', 100 * SECOND);
    };
    expect(judged(checkout(), 101 * SECOND, last).run.status).toBe('active');
    const again = (line: Storyline) => {
      last(line);
      does(line, 'CloseOrder', 103 * SECOND);
    };
    expect(judged(checkout(), 104 * SECOND, again).run.status).toBe('completed');
  });
});

describe('a run of a Serverless Workflow', () => {
  it('is found when nobody pays', () => {
    const claim = declaredBy({ serverlessworkflow: join(DOCUMENTS, 'claim.sw.yaml') });
    const story = (line: Storyline) => {
      line.send({ by: 'portal', type: 'claim.filed', to: 'claims', at: 0 });
      does(line, 'checkPolicy', SECOND);
      does(line, 'appraise', 2 * SECOND);
      line.send({ by: 'portal', type: 'claim.documents-received', to: 'claims', at: HOUR });
    };
    expect(judged(claim, HOUR + 20 * SECOND, story).findings).toEqual([]);
    expect(judged(claim, 2 * HOUR, story).findings).toMatchObject([
      { where: 'claim.documents-received → review or claim.paid' },
    ]);
  });
});
