import type { Flow, Policy } from '@throughline/model/policy';
import { LIMITS } from '../limits.js';
import { fail, type CheckedEntries } from './checked-entries.js';
import type { ConfigEntries, FlowEntry } from './config-schema.js';
import { isDocument, readDocuments } from './declared-documents.js';
import { WorkCalendar } from './work-calendar.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** The part of the configuration that the stages work by, and the documents it was read from. */
export function policyOf(checked: CheckedEntries): {
  policy: Policy;
  documents: readonly string[];
} {
  const { entries } = checked;
  const calendar = entries.expectations?.calendar;
  if (calendar === undefined) refuseBusinessTime(checked);
  const flows = (entries.flows ?? []).flatMap((entry, index) =>
    entry.workflow === undefined || isDocument(entry)
      ? []
      : [flowOf({ ...entry, workflow: entry.workflow }, index, checked)],
  );
  const read = readDocuments(entries.flows ?? [], checked.folder);
  const epochSilenceMs = entries.correlation?.epoch_silence ?? LIMITS.epochSilenceMs;
  const policy: Policy = {
    keys: (entries.correlation?.keys ?? []).map(({ services, ...rule }) =>
      services === undefined ? rule : { ...rule, services },
    ),
    epochSilenceMs,
    flows: [...flows, ...read.flows],
    ...(read.topology === null ? {} : { declared: read.topology }),
    ...(read.documents.length === 0 ? {} : { documents: read.documents }),
    ...(calendar === undefined ? {} : { calendar: new WorkCalendar(calendar) }),
    noConsumerExpected: entries.no_consumer_expected ?? [],
    owners: (entries.owners ?? []).map((owner) => ({ ...owner, runbook: owner.runbook ?? null })),
    detect: detectOf(entries.detect),
  };
  return { policy, documents: read.documents.map(({ path }) => path) };
}

/** Business time without hours would be all time, in silence. */
function refuseBusinessTime(checked: CheckedEntries): void {
  for (const [index, { business_time, expect = [] }] of (checked.entries.flows ?? []).entries()) {
    const isMeant = [business_time, ...expect.map((each) => each.business_time)].includes(true);
    if (!isMeant) continue;
    fail(
      checked,
      ['flows', index],
      `flows[${index}]: counts business time, and nothing says what that is: add expectations.calendar`,
    );
  }
}

function flowOf(
  entry: FlowEntry & { readonly workflow: string },
  index: number,
  checked: CheckedEntries,
): Flow {
  const deadlineMs = entry.deadline ?? null;
  return {
    workflow: entry.workflow,
    ...(entry.business_time === undefined ? {} : { isBusinessTime: entry.business_time }),
    startsWith: entry.starts?.event ?? null,
    ends: entry.ends ?? [],
    deadlineMs,
    expects: (entry.expect ?? []).map((expectation, each) => ({
      after: expectation.after,
      event: expectation.event ?? null,
      by: expectation.by ?? null,
      ...(expectation.business_time === undefined
        ? {}
        : { isBusinessTime: expectation.business_time }),
      withinMs:
        expectation.within ??
        deadlineMs ??
        fail(
          checked,
          ['flows', index, 'expect', each],
          `flows[${index}].expect[${each}]: says no time: add within, or a deadline to the flow`,
        ),
    })),
    compensations: new Map(Object.entries(entry.compensations ?? {})),
    origin: checked.document?.path ?? 'environment',
  };
}

function detectOf(entry: ConfigEntries['detect']): Policy['detect'] {
  const stalled = entry?.stalled ?? {};
  return {
    learn: entry?.learn ?? true,
    ...(entry?.learn_since === undefined ? {} : { learnSinceNs: entry.learn_since }),
    arrivalGraceMs: entry?.arrival_grace ?? 10 * SECOND_MS,
    stalled: {
      minSamples: stalled.min_samples ?? 20,
      probability: stalled.probability ?? 0.98,
      factor: stalled.factor ?? 3,
      floorMs: stalled.floor ?? 5 * SECOND_MS,
      graceMs: stalled.grace ?? 10 * SECOND_MS,
    },
    missingConsumer: { graceMs: entry?.missing_consumer?.grace ?? 30 * SECOND_MS },
    ...tunedOf(entry),
  };
}

function tunedOf(entry: ConfigEntries['detect']): Partial<Policy['detect']> {
  const { off, event_storm: storm, unknown_edge: unknown } = entry ?? {};
  return {
    ...(off === undefined ? {} : { off: new Set(off) }),
    eventStorm: {
      minSamples: storm?.min_samples ?? 20,
      factor: storm?.factor ?? 10,
      floor: storm?.floor ?? 50,
    },
    unaccounted: {
      minMessages: entry?.unaccounted?.min_messages ?? 5,
      graceMs: entry?.unaccounted?.grace ?? 300 * SECOND_MS,
    },
    contractDrift: {
      minSamples: entry?.contract_drift?.min_samples ?? 20,
      unseenAfterMs: entry?.contract_drift?.unseen_after ?? 8 * DAY_MS,
    },
    unknownEdge: {
      minSamples: unknown?.min_samples ?? 200,
      minHistoryMs: unknown?.min_history ?? 8 * DAY_MS,
    },
  };
}
