import type { PromiseView, RunDetail, StepView } from '@throughline/model/api/runs';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import type { FlowGraph } from '../../graph/flow.js';
import { Id } from '../../part/copy.js';
import page from '../../part/page.module.css';
import { Fact } from '../../part/fact.js';
import { PanelSection } from '../../part/side-panel.js';
import { StatusMark } from '../../part/status-mark.js';
import { Duration, Instant } from '../../part/time.js';
import { formatCount, formatDuration, instantMs, plural } from '../../theme/format.js';
import { stepMark } from '../../theme/status.js';
import { Attributes } from './attributes.js';
import { StepMessages } from './step-messages.js';
import { whyText } from './why-text.js';
import css from './run.module.css';

interface StepPanelProps {
  readonly run: RunDetail;
  readonly id: string;
  readonly graph: FlowGraph;
  readonly select: (id: string) => void;
}

export function StepPanel({ run, id, graph, select }: StepPanelProps): ReactElement | null {
  const step = run.steps.find((one) => one.id === id);
  if (step) return <StepFacts run={run} step={step} graph={graph} select={select} />;
  const promise = graph.nodes.find((node) => node.id === id)?.promise;
  return promise ? <PromiseFacts promise={promise} select={select} /> : null;
}

const KIND_WORDS: Record<StepView['kind'], string> = {
  send: 'Sends a message',
  take: 'Takes a message',
  fetch: 'Fetches messages',
  settle: 'Settles a message',
  call: 'Calls another service',
  serve: 'Answers a call',
  work: 'Inner work',
  task: 'Task',
  decision: 'Decision',
  approval: 'Approval by a person',
  timer: 'Timer',
  compensation: 'Compensation',
};

interface StepFactsProps extends Omit<StepPanelProps, 'id'> {
  readonly step: StepView;
}

function StepFacts({ run, step, graph, select }: StepFactsProps): ReactElement {
  const inner = graph.nodes.find(({ id }) => id === step.id)?.inner ?? [];
  return (
    <>
      <p className={css['panelKind']}>{KIND_WORDS[step.kind]}</p>
      <h2>{step.name}</h2>
      <div className={css['panelMark']}>
        <StatusMark
          mark={stepMark(step)}
          isTinted
          word={step.status === 'pending' ? 'Not finished' : undefined}
        />
      </div>
      {step.error !== null && <p className={css['error']}>{step.error}</p>}
      <WhoAndWhen run={run} step={step} />
      <StepMessages run={run} step={step} select={select} />
      <PanelSection title="Why it is in this run">
        <p>{whyText(step, run)}</p>
      </PanelSection>
      <Neighbours run={run} step={step} select={select} />
      {inner.length > 0 && (
        <PanelSection title={`${plural(inner.length, 'inner step')} drawn as part of it`}>
          <StepList steps={inner} select={select} />
        </PanelSection>
      )}
      <Ids step={step} />
      <Attributes attributes={step.attributes} />
    </>
  );
}

interface WhoAndWhenProps {
  readonly run: RunDetail;
  readonly step: StepView;
}

function WhoAndWhen({ run, step }: WhoAndWhenProps): ReactElement {
  const { criticalPath } = run;
  const parts = criticalPath.parts.filter((part) => (part.waitOf ?? part.step) === step.id);
  const onPathMs = parts.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <PanelSection title="Who and when">
      <dl className={page['facts']}>
        <Fact name="Service">
          <Link to="/services" search={{ sel: step.service }} className={page['link']}>
            {step.service}
          </Link>
          {step.serviceVersion !== null && (
            <span className={page['dim']}> {step.serviceVersion}</span>
          )}
        </Fact>
        {step.instance !== null && <Fact name="Instance">{step.instance}</Fact>}
        {step.actor !== null && <Fact name="Actor">{step.actor}</Fact>}
        {step.peer !== null && <Fact name="Peer">{step.peer}</Fact>}
        <Fact name="Started">
          <Instant at={step.startedAt} isPrecise />
          {step.rawStartedAt !== null && (
            <span className={page['dim']}>
              {' '}
              (its own clock said <Instant at={step.rawStartedAt} isPrecise />)
            </span>
          )}
          {step.timeIsSuspect && (
            <span className={page['dim']}> (the times it gave make no sense)</span>
          )}
        </Fact>
        <Fact name="Waited · worked">
          <Duration ms={step.waitMs} /> ·{' '}
          {step.status === 'pending' ? 'still at it' : <Duration ms={step.durationMs} />}
        </Fact>
        {onPathMs > 0 && (
          <Fact name="On the critical path">
            <Duration ms={onPathMs} />
            <span className={page['dim']}>
              {' '}
              of <Duration ms={criticalPath.totalMs} />
            </span>
          </Fact>
        )}
        {step.attempt > 1 && <Fact name="Attempt">{step.attempt}</Fact>}
        {step.skippedReason !== null && <Fact name="Skipped">{step.skippedReason}</Fact>}
        {step.compensates !== null && <Fact name="Undoes">{step.compensates}</Fact>}
        {step.outcome !== null && <Fact name="Ends the run">{step.outcome}</Fact>}
      </dl>
    </PanelSection>
  );
}

function Ids({ step }: { readonly step: StepView }): ReactElement {
  return (
    <PanelSection title="Ids">
      <dl className={page['facts']}>
        <Fact name="Trace">
          <Id value={step.traceId} what="trace id" />
        </Fact>
        {step.spanIds.map((span) => (
          <Fact key={span} name="Span">
            <Id value={span} what="span id" />
          </Fact>
        ))}
      </dl>
    </PanelSection>
  );
}

function StepList({
  steps,
  select,
}: {
  readonly steps: readonly StepView[];
  readonly select: (id: string) => void;
}): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? steps : steps.slice(0, 8);
  return (
    <ul className={css['stepList']}>
      {shown.map((step) => (
        <li key={step.id}>
          <button type="button" onClick={() => select(step.id)}>
            <StatusMark mark={stepMark(step)} word="" />
            <span>{step.name}</span>
            <span className={page['dim']}>
              {step.service} · <Duration ms={step.durationMs} />
            </span>
          </button>
        </li>
      ))}
      {steps.length > shown.length && (
        <li>
          <button type="button" className={page['link']} onClick={() => setWhole(true)}>
            Show all {formatCount(steps.length)}
          </button>
        </li>
      )}
    </ul>
  );
}

function Neighbours({ run, step, select }: Omit<StepFactsProps, 'graph'>): ReactElement {
  const byId = new Map(run.steps.map((one) => [one.id, one]));
  const causes = run.edges
    .filter(({ to }) => to === step.id)
    .flatMap(({ from }) => byId.get(from) ?? []);
  const effects = run.edges
    .filter(({ from }) => from === step.id)
    .flatMap(({ to }) => byId.get(to) ?? []);
  return (
    <>
      {causes.length > 0 && (
        <PanelSection title="Caused by">
          <StepList steps={causes} select={select} />
        </PanelSection>
      )}
      {effects.length > 0 && (
        <PanelSection title="Led to">
          <StepList steps={effects} select={select} />
        </PanelSection>
      )}
    </>
  );
}

const ORIGINS = {
  declared: 'declared in the configuration or the code',
  learned: 'learned from completed runs',
  engine: 'said by the workflow engine',
} as const;

function PromiseFacts({
  promise,
  select,
}: {
  readonly promise: PromiseView;
  readonly select: (id: string) => void;
}): ReactElement {
  const lateMs = Date.now() - instantMs(promise.dueAt);
  const { afterStep } = promise;
  return (
    <>
      <p className={css['panelKind']}>Expected, not seen</p>
      <h2>{promise.what}</h2>
      <div className={css['panelMark']}>
        <StatusMark
          mark={promise.state === 'overdue' ? 'stalled' : 'missing'}
          word={
            promise.state === 'overdue' ? `Overdue by ${formatDuration(lateMs)}` : 'Not due yet'
          }
          isTinted
        />
      </div>
      <PanelSection title="What was promised">
        <dl className={page['facts']}>
          <Fact name="By">{promise.by ?? 'nobody in particular'}</Fact>
          <Fact name="After">
            {afterStep === null ? (
              promise.after
            ) : (
              <button type="button" className={css['inline']} onClick={() => select(afterStep)}>
                {promise.after}
              </button>
            )}
          </Fact>
          <Fact name="Due">
            <Instant at={promise.dueAt} isPrecise />
          </Fact>
          <Fact name="Says who">
            {ORIGINS[promise.origin]}
            {promise.origin === 'learned' && ` (${plural(promise.sampleCount, 'run')})`}
            {promise.condition !== null && `, where ${promise.condition}`}
            {promise.businessMs !== null &&
              `, ${formatDuration(promise.businessMs)} of business time`}
          </Fact>
        </dl>
      </PanelSection>
    </>
  );
}
