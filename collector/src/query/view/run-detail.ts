import type { StepId } from '@throughline/model/ids';
import type { RunPromise } from '@throughline/model/promise';
import type { EdgeView, MessageView, PromiseView, RunDetail } from '@throughline/model/api/runs';
import type { Edge, Run, RunMessage, RunStep } from '@throughline/model/run';
import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';
import type { RunSummary } from '../../store/read-store.js';
import type { FindingReader } from '../sources.js';
import { criticalPath, type PathPart } from './critical-path.js';
import { instantOrNull } from './instants.js';
import { runItem } from './run-item.js';
import { stepView } from './step-view.js';

export interface StepPage {
  readonly steps: readonly RunStep[];
  /** Cursor of the page behind this one; null when this is the last. */
  readonly next: string | null;
}

export interface RunDetailFacts {
  readonly run: Run;
  readonly summary: RunSummary;
  readonly page: StepPage;
  readonly findings: FindingReader;
  readonly sentence: string;
}

export function runDetail({ run, summary, page, findings, sentence }: RunDetailFacts): RunDetail {
  const promises = findings.promises(run);
  const onPage = new Set<StepId>(page.steps.map(({ step }) => step.id));
  const parents = parentsOf(run.edges);
  return {
    ...runItem(summary, findings),
    workflowVersion: run.workflowVersion,
    aliases: [...run.aliases],
    sentence,
    steps: page.steps.map((placed) => stepView(placed, parents.get(placed.step.id) ?? null)),
    stepsNext: page.next,
    messages: run.messages.filter((message) => isOnPage(message, onPage)).map(messageView),
    edges: run.edges.filter((edge) => onPage.has(edge.to)).map(edgeView),
    promises: promises.map(promiseView),
    criticalPath: pathView(pathOf(run), onPage),
    patternEvidence: {
      directed: run.patternEvidence.directed,
      reactions: run.patternEvidence.reactions,
      handOvers: run.patternEvidence.handOvers,
      because: [...run.patternEvidence.because],
    },
    skewCorrections: run.skewCorrections.map((skew) => ({ ...skew })),
  };
}

/** An edge goes with the page of its effect, so that all pages together carry each edge once. */
function parentsOf(edges: readonly Edge[]): Map<StepId, StepId> {
  return new Map(
    edges.filter(({ evidence }) => evidence === 'parent').map(({ from, to }) => [to, from]),
  );
}

/** A message goes with the page of its sending, or of its first taking when nobody is known to have sent it. */
function isOnPage(message: RunMessage, onPage: ReadonlySet<StepId>): boolean {
  const home = message.sentBy ?? message.takenBy[0];
  return home !== undefined && onPage.has(home);
}

function messageView(message: RunMessage): MessageView {
  return {
    id: message.id,
    system: message.system,
    destination: message.destination,
    subscriptions: [...message.subscriptions],
    type: message.type,
    version: message.version,
    kind: message.kind,
    messageId: message.messageId,
    sentBy: message.sentBy,
    sentAt: instantOrNull(message.sentAtNs),
    takenBy: [...message.takenBy],
    deadLettered: message.deadLettered,
    deadLetter: message.deadLetter && { ...message.deadLetter },
    undeliverable: message.undeliverable,
    payload: message.payload && { ...message.payload },
  };
}

function edgeView({ from, to, kind, evidence, confidence }: Edge): EdgeView {
  return { from, to, kind, evidence, confidence };
}

/** The pages of one run have one path. */
const paths = new WeakMap<Run, readonly PathPart[]>();

function pathOf(run: Run): readonly PathPart[] {
  let path = paths.get(run);
  if (path === undefined) paths.set(run, (path = criticalPath(run)));
  return path;
}

/** A part goes with the page of its step. */
function pathView(
  path: readonly PathPart[],
  onPage: ReadonlySet<StepId>,
): RunDetail['criticalPath'] {
  const [first, last] = [path[0], path.at(-1)];
  return {
    totalMs: first && last ? msFromNs(last.toNs - first.fromNs) : 0,
    parts: path
      .filter(({ step }) => onPage.has(step))
      .map(({ step, waitOf, fromNs, toNs, isGuess }) => ({
        step,
        waitOf,
        from: formatInstant(fromNs as UnixNs),
        to: formatInstant(toNs as UnixNs),
        ms: msFromNs(toNs - fromNs),
        isGuess,
      })),
  };
}

function promiseView(promise: RunPromise): PromiseView {
  return {
    what: promise.what,
    after: promise.afterName,
    afterStep: promise.after,
    by: promise.by,
    openedAt: formatInstant(promise.openedAtNs),
    dueAt: formatInstant(promise.dueAtNs),
    businessMs: promise.businessMs ?? null,
    origin: promise.origin,
    sampleCount: promise.sampleCount,
    condition: promise.condition ?? null,
    state: promise.state,
  };
}
