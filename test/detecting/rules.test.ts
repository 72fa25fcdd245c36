import { describe, expect, test } from 'vitest';
import { ACCOUNT_ROWS } from './account-rows.js';
import { CONTRACT_ROWS } from './contract-rows.js';
import { DESTINATION_ROWS } from './destination-rows.js';
import { MINUTE } from './acts.js';
import { KEY_ROWS } from './key-rows.js';
import { MOVEMENT_ROWS } from './movement-rows.js';
import { PART_SEEN_ROWS } from './part-seen-rows.js';
import { REPEAT_ROWS } from './repeat-rows.js';
import { RUN_ROWS } from './run-rows.js';
import { SAGA_ROWS } from './saga-rows.js';
import { STANDSTILL_ROWS } from './standstill-rows.js';
import { STORM_ROWS } from './storm-rows.js';
import { judgedOnce, staged } from './stage.js';

const ROWS = [
  ...STANDSTILL_ROWS,
  ...KEY_ROWS,
  ...DESTINATION_ROWS,
  ...RUN_ROWS,
  ...SAGA_ROWS,
  ...REPEAT_ROWS,
  ...STORM_ROWS,
  ...MOVEMENT_ROWS,
  ...CONTRACT_ROWS,
  ...ACCOUNT_ROWS,
  ...PART_SEEN_ROWS,
];

describe('at one instant, every rule says what it should and nothing else', () => {
  test.each(ROWS)('$name', ({ policy = {}, story, judged = 14 * MINUTE + 1_000, ...row }) => {
    const findings = judgedOnce(staged(policy, story), judged);
    const sentences = findings.map(({ sentence }) => sentence).join('\n');
    const said = findings.map((found) => [
      found.rule,
      `${String(found.verdict)} × ${found.runsAffected}`,
    ]);
    expect(Object.fromEntries(said), sentences).toEqual(row.says);
    expect(said.length, sentences).toBe(Object.keys(row.says).length);
    for (const word of row.words ?? []) expect(sentences).toContain(word);
  });
});
