import type { PromiseView, RunDetail, StepView } from '@throughline/model/api/runs';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { FlowGraph } from '../../graph/flow.js';
import { Id } from '../../part/copy.js';
import page from '../../part/page.module.css';
import { PanelSection } from '../../part/side-panel.js';
import { StatusMark } from '../../part/status-mark.js';
import { Duration, Instant } from '../../part/time.js';
import { formatCount, formatDuration, instantMs, plural } from '../../theme/format.js';
import { stepMark } from '../../theme/status.js';
import { Attributes } from './attributes.js';
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

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
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
          {step.attempt > 1 && <Fact name="Attempt">{step.attempt}</Fact>}
          {step.skippedReason !== null && <Fact name="Skipped">{step.skippedReason}</Fact>}
          {step.compensates !== null && <Fact name="Undoes">{step.compensates}</Fact>}
          {step.outcome !== null && <Fact name="Ends the run">{step.outcome}</Fact>}
        </dl>
      </PanelSection>
      <Messages run={run} step={step} select={select} />
      <PanelSection title="Why it is in this run">
        <p>{whyText(step, run)}</p>
      </PanelSection>
      <Neighbours run={run} step={step} select={select} />
      {inner.length > 0 && (
        <PanelSection title={`${plural(inner.length, 'inner step')} drawn as part of it`}>
          <StepList steps={inner} select={select} />
        </PanelSection>
      )}
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
      <Attributes attributes={step.attributes} />
    </>
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

function Messages({ run, step, select }: Omit<StepFactsProps, 'graph'>): ReactElement | null {
  const messages = run.messages.filter(
    ({ sentBy, takenBy }) => sentBy === step.id || takenBy.includes(step.id),
  );
  if (messages.length === 0) return null;
  const takers = new Map(run.steps.map((one) => [one.id, one]));
  return (
    <PanelSection
      title={messages.length === 1 ? 'Message' : `${formatCount(messages.length)} messages`}
    >
      {messages.slice(0, 20).map((message) => (
        <dl key={message.id} className={page['facts']}>
          <Fact name={message.kind === 'command' ? 'Command' : 'Event'}>
            {message.type ?? 'type unknown'}
            {message.version !== null && <span className={page['dim']}> v{message.version}</span>}
          </Fact>
          <Fact name="Destination">
            <Link to="/destinations" search={{ sel: message.destination }} className={page['link']}>
              {message.destination}
            </Link>
            <span className={page['dim']}> {message.system}</span>
          </Fact>
          <Fact name="Taken by">
            {message.takenBy.length === 0
              ? 'nobody yet'
              : message.takenBy.map((id) => (
                  <button
                    key={id}
                    type="button"
                    className={css['inline']}
                    onClick={() => select(id)}
                  >
                    {takers.get(id)?.service ?? id}
                  </button>
                ))}
          </Fact>
          {message.deadLettered && (
            <Fact name="Dead-lettered">
              <StatusMark
                mark="dead-lettered"
                word={message.deadLetter?.reason ?? 'reason unknown'}
              />
              {message.deadLetter?.detail !== null && message.deadLetter?.detail !== undefined && (
                <p>{message.deadLetter.detail}</p>
              )}
            </Fact>
          )}
          {message.undeliverable && (
            <Fact name="Undeliverable">The broker gave it back: nobody is bound.</Fact>
          )}
          {message.payload !== null && (
            <Fact name="Payload">
              {message.payload.bytes !== null && `${formatCount(message.payload.bytes)} bytes`}
              {message.payload.hash !== null && (
                <Id value={message.payload.hash} what="payload hash" />
              )}
            </Fact>
          )}
          {message.messageId !== null && (
            <Fact name="Message id">
              <Id value={message.messageId} what="message id" />
            </Fact>
          )}
        </dl>
      ))}
    </PanelSection>
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
          </Fact>
        </dl>
      </PanelSection>
    </>
  );
}
