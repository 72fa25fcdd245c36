import type { DeclaredMovement } from '@throughline/model/policy';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import { isCalled, isSamePlace, type DeclaredTraffic } from '../declared-traffic.js';
import { findingId } from '../finding-id.js';
import { always, type Verdicts } from '../judging.js';
import type { Mover } from '../watch/movement-watch.js';
import { durationText, listText, several } from '../wording.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** What is declared and rare (a refund, a quarterly report) takes its time to come. */
const UNSEEN_AFTER_MS = 8 * 86_400_000;
const MIN_SAMPLES = 20;
/** So many times the runs that show how messages come show that one does not. */
const RUNS_PER_SAMPLE = 50;

/** The reverse of traffic that no document knows: a document has a service do what it never does. */
export function declaredUnseen(
  { service, mover, declared }: Declaring,
  view: RuleView,
  now: UnixNs,
): Verdicts {
  const { minSamples = MIN_SAMPLES, unseenAfterMs = UNSEEN_AFTER_MS } =
    view.policy.detect.contractDrift ?? {};
  const first = mover.runs.first();
  if (first === undefined || mover.runs.size < RUNS_PER_SAMPLE * minSamples) return always(null);
  if (msFromNs(now - first.sinceNs) < unseenAfterMs) return always(null);
  const all = (['send', 'take'] as const).flatMap((kind) => declared.of({ kind, service }));
  const unseen = all.filter((each) => !isSeen(each, mover));
  // Names that match nowhere are other names, and not other traffic.
  if (unseen.length === all.length) return always(null);
  return {
    judged: unseen.map((each) => judged(each, { mover, firstNs: first.sinceNs, view, now })),
    dueNs: null,
  };
}

export interface Declaring {
  readonly service: string;
  readonly mover: Mover;
  readonly declared: DeclaredTraffic;
}

function isSeen(declared: DeclaredMovement, { movements }: Mover): boolean {
  for (const { kind, other, messageType } of movements) {
    if (kind !== declared.kind) continue;
    if (isSamePlace(declared, { destination: other.name, system: other.system ?? '' })) return true;
    if (messageType === null) continue;
    if (isCalled(declared, messageType) || declared.destination === messageType) return true;
  }
  return false;
}

interface Case {
  readonly mover: Mover;
  readonly firstNs: UnixNs;
  readonly view: RuleView;
  readonly now: UnixNs;
}

function judged(declared: DeclaredMovement, { mover, firstNs, view, now }: Case): Judged {
  const { kind, service, destination, system, messageTypes, origin } = declared;
  const way = kind === 'send' ? 'sends to' : 'takes from';
  const what = messageTypes.length === 0 ? '' : ` (${listText(messageTypes)})`;
  const seen = `${several(mover.runs.size, 'run')} in ${durationText(msFromNs(now - firstNs))}`;
  const next = `check whether ${service} should do so; if not, take it out of ${origin}`;
  return {
    members: { size: 0, has: () => false },
    newestNs: firstNs,
    statement: {
      id: findingId('contract-drift', 'unseen', kind, service, destination),
      rule: 'contract-drift',
      severity: 'info',
      sinceNs: firstNs,
      subject: {
        kind: 'destination',
        id: placeId({ kind: 'destination', name: destination, system }),
        label: destination,
      },
      workflow: null,
      runIds: [],
      runsAffected: 0,
      where: kind === 'send' ? `${service} → ${destination}` : `${destination} → ${service}`,
      verdict: null,
      sentence: `${service} never ${way} ${destination}${what}, though ${origin} says so: none of ${seen} did. Next: ${next}.`,
      evidence: [
        { text: `${origin} declares that ${service} ${way} ${destination}` },
        { text: `runs of ${service} that were seen`, value: mover.runs.size },
      ],
      next: [
        { text: next, command: 'throughline config validate' },
        ...runbookOf(view.policy, service),
      ],
      owner: ownerOf(view.policy, service),
      confidence: 0.7,
    },
  };
}
