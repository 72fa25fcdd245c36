import type { Difference, Evidence } from '@throughline/model/finding';
import { countText, quotedText } from './wording.js';

const TOLD = 3;

/** `partition of orders is 7` · `94 of 100 held up, 72 of 1,200 that passed`. */
export function differenceEvidence(differs: readonly Difference[]): Evidence[] {
  return differs.slice(0, TOLD).map((each) => {
    const { attribute, of, value, held, peers, testCount, chance } = each;
    const what = `${attribute}${of === null ? '' : ` of ${quotedText(of)}`} is ${quotedText(value)}`;
    const counts = `${countText(held.count)} of ${countText(held.of)} held up, ${countText(peers.count)} of ${countText(peers.of)} that passed`;
    return {
      text: `what differs: ${what}`,
      value: `${counts} (by chance ${chance < 0.001 ? '< 0.001' : chance.toFixed(3)}, of ${countText(testCount)} compared)`,
    };
  });
}
