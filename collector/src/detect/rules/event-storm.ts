import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import { findingId } from '../finding-id.js';
import type { Verdicts } from '../judging.js';
import type { Caused, CausedDetail } from '../watch/caused.js';
import type { FanOut } from '../watch/storm-watch.js';
import { agoText, countText, several } from '../wording.js';
import { affectedAmong } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** Runs that have to show what is usual; how many times as much is a storm; and what is too little to be one. */
export const STORM_DEFAULTS = { minSamples: 20, factor: 10, floor: 50 } as const;

/** What has been so for a day is how it is. */
const USUAL_AFTER_MS = 86_400_000;
/** Comparing many costs a pass over them: not again before a millisecond for each. */
const PACED_FROM = 500;
const PACE_MS_MAX = 60_000;

interface Storm extends Caused {
  readonly detail: CausedDetail;
  /** The most that any of the earlier ones led to, and how many those are. */
  readonly usual: number;
  readonly usualCount: number;
}

/** One message leads to far more messages than any of its kind did before. */
export function eventStorm(fanOut: FanOut, view: RuleView, now: UnixNs): Verdicts {
  const { size } = fanOut.caused;
  const usualNs = nsFromMs(USUAL_AFTER_MS);
  const storms = stormsIn(fanOut, view).filter(({ sinceNs }) => sinceNs + usualNs > now);
  const oldest = storms[0];
  return {
    judged: oldest === undefined ? [] : [judged(fanOut, storms, { view, now })],
    dueNs: oldest === undefined ? null : ((oldest.sinceNs + usualNs + 1n) as UnixNs),
    paceMs: size <= PACED_FROM ? 0 : Math.min(PACE_MS_MAX, size),
  };
}

/** In the order of their sending each is compared with those before it. A storm does not make the next one usual. */
function stormsIn({ caused }: FanOut, { policy }: RuleView): Storm[] {
  const { minSamples, factor, floor } = { ...STORM_DEFAULTS, ...policy.detect.eventStorm };
  const usualNs = nsFromMs(USUAL_AFTER_MS);
  const storms: Storm[] = [];
  let usual = 0;
  let usualCount = 0;
  let settled = 0;
  for (const each of caused.after(-1n)) {
    for (let old = storms[settled]; old !== undefined; old = storms[settled]) {
      if (old.sinceNs + usualNs > each.sinceNs) break;
      usual = Math.max(usual, old.count);
      usualCount += 1;
      settled += 1;
    }
    const { count, detail } = each;
    const isMore = count >= floor && count >= factor * Math.max(1, usual);
    if (isMore && usualCount >= minSamples && detail !== null && !detail.isLed) {
      storms.push({ ...each, detail, usual, usualCount });
      continue;
    }
    if (isMore && usualCount >= minSamples) continue;
    usual = Math.max(usual, count);
    usualCount += 1;
  }
  return storms;
}

interface Moment {
  readonly view: RuleView;
  readonly now: UnixNs;
}

function judged(fanOut: FanOut, storms: readonly Storm[], { view, now }: Moment): Judged {
  const { workflow, name, system, destination } = fanOut;
  const worst = storms.reduce((a, b) => (b.count > a.count ? b : a));
  const { members, newestNs, ...runs } = affectedAmong(storms);
  const { detail } = worst;
  const [most] = detail.most;
  const who = most?.[0].slice(most[0].lastIndexOf(' of ') + 4) ?? detail.producer;
  const others = storms.length - 1;
  const act = `find out why ${who ?? 'its consumer'} sends so much for one ${name}, and stop it if it still does`;
  return {
    members,
    newestNs,
    statement: {
      ...runs,
      id: findingId('event-storm', workflow, system, destination, name),
      rule: 'event-storm',
      severity: 'warning',
      subject:
        runs.runsAffected === 1
          ? { kind: 'run', id: worst.runId, label: detail.label }
          : {
              kind: 'destination',
              id: placeId({ kind: 'destination', name: destination, system }),
              label: destination,
            },
      workflow,
      where: most === undefined ? name : `${name} → ${most[0]}`,
      verdict: null,
      sentence: `One ${name} of ${detail.label} led to ${several(worst.count, 'message')} ${agoText(worst.sinceNs, now)}; none of ${several(worst.usualCount, 'run')} before led to more than ${countText(worst.usual)}.${others === 0 ? '' : ` ${several(others, 'other run does', 'other runs do')} so too.`} Next: ${act}.`,
      evidence: [
        { text: `messages that followed from one ${name}`, value: worst.count },
        {
          text: `most that followed in ${several(worst.usualCount, 'run')} before`,
          value: worst.usual,
        },
        ...detail.most.map(([text, value]) => ({ text, value })),
        { text: 'runs with such a storm within a day', value: storms.length },
      ],
      next: [
        { text: act, command: `throughline explain ${worst.runId}` },
        ...runbookOf(view.policy, who),
      ],
      owner: ownerOf(view.policy, who),
      confidence: 0.9,
    },
  };
}
