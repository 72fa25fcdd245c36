import type { MessageView, RunDetail, StepView } from '@throughline/model/api/runs';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Id } from '../../part/copy.js';
import { Fact } from '../../part/fact.js';
import page from '../../part/page.module.css';
import { PanelSection } from '../../part/side-panel.js';
import { StatusMark } from '../../part/status-mark.js';
import { formatCount } from '../../theme/format.js';
import css from './run.module.css';

/** A batch may hold thousands; the events view lists them all. */
const SHOWN_MAX = 20;

interface StepMessagesProps {
  readonly run: RunDetail;
  readonly step: StepView;
  readonly select: (id: string) => void;
}

/** The messages that a step sent or took. */
export function StepMessages({ run, step, select }: StepMessagesProps): ReactElement | null {
  const messages = run.messages.filter(
    ({ sentBy, takenBy }) => sentBy === step.id || takenBy.includes(step.id),
  );
  if (messages.length === 0) return null;
  const services = new Map(run.steps.map(({ id, service }) => [id, service]));
  const serviceOf = (id: string) => services.get(id) ?? id;
  return (
    <PanelSection
      title={messages.length === 1 ? 'Message' : `${formatCount(messages.length)} messages`}
    >
      {messages.slice(0, SHOWN_MAX).map((message) => (
        <Message key={message.id} message={message} serviceOf={serviceOf} select={select} />
      ))}
    </PanelSection>
  );
}

interface MessageProps {
  readonly message: MessageView;
  readonly serviceOf: (step: string) => string;
  readonly select: (id: string) => void;
}

function Message({ message, serviceOf, select }: MessageProps): ReactElement {
  return (
    <dl className={page['facts']}>
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
              <button key={id} type="button" className={css['inline']} onClick={() => select(id)}>
                {serviceOf(id)}
              </button>
            ))}
      </Fact>
      <Fate message={message} />
    </dl>
  );
}

/** What became of it, and what it was. */
function Fate({ message }: { readonly message: MessageView }): ReactElement {
  return (
    <>
      {message.deadLettered && (
        <Fact name="Dead-lettered">
          <StatusMark mark="dead-lettered" word={message.deadLetter?.reason ?? 'reason unknown'} />
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
          {message.payload.bytes !== null && `${formatCount(message.payload.bytes)} bytes `}
          {message.payload.hash !== null && <Id value={message.payload.hash} what="payload hash" />}
        </Fact>
      )}
      {message.messageId !== null && (
        <Fact name="Message id">
          <Id value={message.messageId} what="message id" />
        </Fact>
      )}
    </>
  );
}
