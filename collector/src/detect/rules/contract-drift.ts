import type { Evidence, NextStep, Severity } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import { findingId } from '../finding-id.js';
import { fisherGreater } from '../fisher.js';
import { earlier, type Verdicts } from '../judging.js';
import { chanceOfLateness } from '../lateness.js';
import type { TimeList } from '../time-list.js';
import type { Contract, Sample, Variant } from '../watch/contract-watch.js';
import { sizeOf } from '../watch/payload-size.js';
import { agoText, countText, listText, quotedText, several } from '../wording.js';
import { affectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** What has been so for a day is the contract. */
const NEWS_MS = 86_400_000;
/** Runs that have to show how it was, and how it is. */
const MIN_SAMPLES = 20;
const SHOWN_MIN = 3;
/** A version or size that was always there, and rare, is as late by chance in one case of a hundred thousand. */
const CHANCE_MAX = 1e-5;
/** Sizes are counted in powers of three: two apart is more than three times as much, or less than a third. */
const SIZES_APART = 2;
/** A reader fails more often on the new version than on the old one, and not by chance. */
const FAILING_P_MAX = 0.01;

/** What a service sends under one name is not what it was, or not what the document says. */
export function contractDrift(contract: Contract, view: RuleView, now: UnixNs): Verdicts {
  const drifts = [
    undeclared(contract, now),
    changedVersion(contract, view, now),
    changedSize(contract, view, now),
  ];
  let dueNs: UnixNs | null = null;
  const judged: Judged[] = [];
  for (const drift of drifts) {
    if (drift === null) continue;
    judged.push(judgedAs(drift, contract, view));
    dueNs = earlier(dueNs, (drift.newsSinceNs + nsFromMs(NEWS_MS) + 1n) as UnixNs);
  }
  return { judged, dueNs };
}

interface Drift {
  readonly kind: 'type' | 'version' | 'size';
  readonly severity: Severity;
  readonly samples: TimeList<Sample>;
  readonly isOne: (sample: Sample) => boolean;
  /** The day for which it is told begins here. */
  readonly newsSinceNs: UnixNs;
  readonly says: string;
  readonly evidence: readonly Evidence[];
  readonly next: NextStep;
}

function undeclared(
  { undeclaredIn, samples, producer, name }: Contract,
  now: UnixNs,
): Drift | null {
  const last = samples.last()?.sinceNs;
  if (undeclaredIn === null || last === undefined || last + nsFromMs(NEWS_MS) <= now) return null;
  return {
    kind: 'type',
    severity: 'warning',
    samples,
    isOne: () => true,
    newsSinceNs: last,
    says: `, which ${undeclaredIn} does not have there: ${several(samples.size, 'run')}, the last ${agoText(last, now)}`,
    evidence: [
      { text: `runs in which ${producer} sent ${name}`, value: samples.size },
      { text: `${undeclaredIn} names other messages for this place, and not this one` },
    ],
    next: { text: `add ${name} to ${undeclaredIn}, or stop sending it there` },
  };
}

function changedVersion(contract: Contract, view: RuleView, now: UnixNs): Drift | null {
  const newest = newestOf(contract.byVersion);
  if (newest === null) return null;
  const [version, variant] = newest;
  const change = changeOf(variant, contract.byVersion.values(), { view, now });
  if (change === null) return null;
  const { name, producer } = contract;
  const failing = failingOf(variant, contract.byVersion.values());
  const before = contract.byVersion.size > 2 ? 'others' : versionText(otherOf(contract, version));
  const readers = readersOf(contract, view);
  const since = agoText(change.sinceNs, now);
  return {
    kind: 'version',
    severity: failing === null ? 'info' : 'warning',
    samples: variant.samples,
    isOne: (sample) => sample.version === version,
    newsSinceNs: change.sinceNs,
    says: ` ${versionText(version)} since ${since}, where it came ${before} before: ${several(variant.samples.size, 'run')}${failing === null ? '' : `; ${failing.text}`}`,
    evidence: [
      { text: `runs with ${name} ${versionText(version)}`, value: variant.samples.size },
      { text: `runs before the first of them`, value: change.before },
      ...deploymentEvidence(contract, variant),
      ...(failing === null ? [] : [{ text: failing.text, value: failing.chance }]),
      ...(readers.length === 0 ? [] : [{ text: 'readers', value: listText(readers) }]),
    ],
    next: {
      text:
        version === ''
          ? `let ${producer} name the version of ${name} again`
          : `check that ${readers.length === 0 ? 'its readers know' : `${listText(readers)} ${readers.length === 1 ? 'knows' : 'know'}`} version ${quotedText(version)} of ${name}`,
    },
  };
}

function changedSize(contract: Contract, view: RuleView, now: UnixNs): Drift | null {
  const newest = newestOf(contract.bySize);
  if (newest === null) return null;
  const [size, variant] = newest;
  const others = [...contract.bySize.keys()].filter((each) => each !== size);
  if (others.some((each) => Math.abs(each - size) < SIZES_APART)) return null;
  const change = changeOf(variant, contract.bySize.values(), { view, now });
  if (change === null || variant.samples.size * 2 < change.since) return null;
  const { name, producer } = contract;
  const [is, was] = [typicalBytes(variant), change.lastBytes];
  const ratio = is > was ? is / Math.max(1, was) : was / Math.max(1, is);
  const times = `${countText(ratio)} times as ${is > was ? 'large' : 'small'} as before`;
  return {
    kind: 'size',
    severity: 'info',
    samples: variant.samples,
    isOne: (sample) => sizeOf(sample) === size,
    newsSinceNs: change.sinceNs,
    says: ` that is ${times} since ${agoText(change.sinceNs, now)}: ${several(variant.samples.size, 'run')}`,
    evidence: [
      { text: 'bytes of the last one', value: is },
      { text: 'bytes of the last one before', value: was },
      { text: `runs before the first of them`, value: change.before },
      ...deploymentEvidence(contract, variant),
    ],
    next: {
      text: `look at what ${producer} puts into ${name}, and whether its readers can use it`,
    },
  };
}

interface Change {
  readonly sinceNs: UnixNs;
  readonly since: number;
  readonly before: number;
  readonly lastBytes: number;
}

/** Null: it is no news, or too little is known to say so. */
function changeOf(
  { samples }: Variant,
  all: Iterable<Variant>,
  { view, now }: { readonly view: RuleView; readonly now: UnixNs },
): Change | null {
  const { minSamples = MIN_SAMPLES } = view.policy.detect.contractDrift ?? {};
  const first = samples.first();
  if (first === undefined || samples.size < SHOWN_MIN) return null;
  const sinceNs = first.sinceNs;
  if (sinceNs + nsFromMs(NEWS_MS) <= now) return null;
  let since = samples.size;
  let before = 0;
  let last: Sample | undefined;
  for (const { samples: other } of all) {
    if (other === samples) continue;
    const later = other.countAfter(sinceNs - 1n);
    since += later;
    before += other.size - later;
    const newest = other.last();
    if (newest !== undefined && newest.sinceNs > (last?.sinceNs ?? -1n)) last = newest;
  }
  if (before < minSamples) return null;
  if (chanceOfLateness(samples.size, { since, before }) > CHANCE_MAX) return null;
  return { sinceNs, since, before, lastBytes: last?.bytes ?? 0 };
}

/** The one that came up last; null when there is only one. */
function newestOf<K>(variants: ReadonlyMap<K, Variant>): readonly [K, Variant] | null {
  if (variants.size < 2) return null;
  let newest: readonly [K, Variant] | null = null;
  for (const each of variants) {
    const atNs = each[1].samples.first()?.sinceNs ?? 0n;
    if (newest === null || atNs > (newest[1].samples.first()?.sinceNs ?? 0n)) newest = each;
  }
  return newest;
}

function failingOf(variant: Variant, all: Iterable<Variant>) {
  let [otherHits, otherOf] = [0, 0];
  for (const each of all) {
    if (each === variant) continue;
    otherHits += each.failedCount;
    otherOf += each.takenCount;
  }
  const [hits, of] = [variant.failedCount, variant.takenCount];
  const p = fisherGreater({ hits, of, otherHits, otherOf });
  if (hits === 0 || p > FAILING_P_MAX) return null;
  const services = new Set<string>();
  for (const { failedBy } of variant.samples.newestFirst()) {
    for (const service of failedBy) services.add(service);
    if (services.size > 3) break;
  }
  return {
    text: `${listText([...services].sort())} failed on ${countText(hits)} of ${countText(of)}, on ${countText(otherHits)} of ${countText(otherOf)} before`,
    chance: `by chance: ${p.toExponential(1)}`,
  };
}

function deploymentEvidence(
  { producer, samples }: Contract,
  { samples: changed }: Variant,
): Evidence[] {
  const is = changed.last()?.producerVersion ?? null;
  const was = samples.first()?.producerVersion ?? null;
  return is === null || is === was
    ? []
    : [
        {
          text: `${producer} is ${quotedText(is)} now`,
          value: `was ${quotedText(was ?? 'unknown')}`,
        },
      ];
}

function readersOf({ system, destination, messageType }: Contract, { ledger }: RuleView): string[] {
  const traffic = ledger.of({ system, destination, messageType });
  return traffic === undefined ? [] : [...ledger.readersOf(traffic).keys()].sort();
}

function otherOf({ byVersion }: Contract, version: string): string {
  return [...byVersion.keys()].find((each) => each !== version) ?? '';
}

function versionText(version: string): string {
  return version === '' ? 'without a version' : `in version ${quotedText(version)}`;
}

function typicalBytes({ samples }: Variant): number {
  return samples.last()?.bytes ?? 0;
}

function judgedAs(drift: Drift, contract: Contract, { policy }: RuleView): Judged {
  const { producer, system, destination, messageType, name, sampleOf } = contract;
  const { samples, next, isOne } = drift;
  const has = (id: RunId): boolean => {
    const sample = sampleOf(id);
    return sample !== undefined && isOne(sample);
  };
  const { members, newestNs, ...affected } = affectedRuns({
    runs: { size: samples.size, has },
    oldest: () => samples.first(),
    newest: () => samples.last(),
    newestFirst: () => samples.newestFirst(),
  });
  const to = name === destination ? '' : ` to ${destination}`;
  return {
    members,
    newestNs,
    statement: {
      ...affected,
      id: findingId('contract-drift', drift.kind, producer, system, destination, messageType),
      rule: 'contract-drift',
      severity: drift.severity,
      subject: {
        kind: 'destination',
        id: placeId({ kind: 'destination', name: destination, system }),
        label: destination,
      },
      workflow: null,
      where: `${producer} → ${name}`,
      verdict: null,
      sentence: `${producer} sends ${name}${to}${drift.says}. Next: ${next.text}.`,
      evidence: drift.evidence,
      next: [next, ...runbookOf(policy, producer)],
      owner: ownerOf(policy, producer),
      confidence: 0.9,
    },
  };
}
