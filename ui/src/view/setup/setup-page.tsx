import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type {
  DestinationView,
  ServiceView,
  StatsView,
  WorkflowView,
} from '@throughline/model/api/catalog';
import { useState, type ReactElement, type ReactNode } from 'react';
import { destinationsQuery, servicesQuery, statsQuery, workflowsQuery } from '../../api/queries.js';
import { Command } from '../../part/copy.js';
import { StatusIcon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import { Segments } from '../../part/segments.js';
import { Age } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatCount, plural } from '../../theme/format.js';
import css from './setup.module.css';
import { LANGUAGES, snippets, type Language } from './snippets.js';

interface Progress {
  readonly stats: StatsView | undefined;
  readonly services: readonly ServiceView[];
  readonly destinations: readonly DestinationView[];
  readonly workflows: readonly WorkflowView[];
}

interface Check {
  readonly title: string;
  readonly isDone: boolean;
  /** What was seen when done, what is missing when not. */
  readonly detail: ReactNode;
}

function checks({ stats, services, destinations, workflows }: Progress): Check[] {
  const runs = workflows.reduce((sum, workflow) => sum + workflow.runs, 0);
  const declared = workflows.filter((workflow) => workflow.declared);
  const received = stats?.total.received ?? 0;
  return [
    {
      title: 'The collector answers',
      isDone: stats !== undefined,
      detail:
        stats === undefined ? (
          'Waiting for an answer …'
        ) : (
          <>
            Version {stats.version}, up for <Age at={stats.startedAt} />
          </>
        ),
    },
    {
      title: 'First span',
      isDone: received > 0,
      detail:
        received > 0
          ? `${plural(received, 'span')} from ${services
              .map(({ name }) => name)
              .slice(0, 6)
              .join(', ')}${services.length > 6 ? ' …' : ''}`
          : 'Nothing has arrived. Is the endpoint right, and is it HTTP, not gRPC?',
    },
    {
      title: 'First message',
      isDone: destinations.length > 0,
      detail:
        destinations.length > 0
          ? `${plural(destinations.length, 'destination')}, for example ${destinations[0]?.name ?? ''}`
          : 'No span says what it sent or took: messaging.destination.name and messaging.operation are missing.',
    },
    {
      title: 'First run',
      isDone: runs > 0,
      detail:
        runs > 0
          ? `${plural(runs, 'run')} of ${plural(workflows.length, 'workflow')}`
          : 'No span carries a trace or key to build a run from.',
    },
    {
      title: 'First expectation',
      isDone: declared.length > 0,
      detail:
        declared.length > 0
          ? `Declared for ${declared.map(({ name }) => name).join(', ')}`
          : 'Without one, nothing can be late. Declare a flow in the configuration, or call expect() in the code.',
    },
  ];
}

export function SetupPage(): ReactElement {
  usePageTitle('Setup');
  const stats = useQuery(statsQuery).data;
  const services = useQuery(servicesQuery).data?.items ?? [];
  const destinations = useQuery(destinationsQuery).data?.items ?? [];
  const workflows = useQuery(workflowsQuery).data?.items ?? [];
  const list = checks({ stats, services, destinations, workflows });
  const done = list.filter(({ isDone }) => isDone).length;
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Connect your services</h1>
          <p className={page['lead']}>
            {done === list.length
              ? 'Everything is in place.'
              : `${String(done)} of ${String(list.length)} done. Each point ticks itself.`}
          </p>
        </div>
      </div>
      <div className={css['columns']}>
        <Snippets />
        <section className={page['card']} aria-labelledby="checks">
          <div className={page['cardHead']}>
            <h2 id="checks">Checklist</h2>
            <span className={page['dim']} role="status">
              {done} of {list.length}
            </span>
          </div>
          <ol className={css['checks']}>
            {list.map((check) => (
              <li key={check.title} data-done={check.isDone || undefined}>
                <StatusIcon mark={check.isDone ? 'completed' : 'missing'} size={18} />
                <div>
                  <p className={css['checkTitle']}>
                    {check.title}
                    <span className="visually-hidden">{check.isDone ? ', done' : ', not yet'}</span>
                  </p>
                  <p className={css['checkDetail']}>{check.detail}</p>
                </div>
              </li>
            ))}
          </ol>
        </section>
      </div>
      <Seen services={services} />
    </div>
  );
}

function Snippets(): ReactElement {
  const [language, setLanguage] = useState<Language>('node');
  const { steps } = snippets(window.location.origin)[language];
  return (
    <section className={page['card']} aria-labelledby="snippets">
      <div className={page['cardHead']}>
        <h2 id="snippets">Send spans</h2>
        <Segments label="Language" value={language} options={LANGUAGES} onChange={setLanguage} />
      </div>
      <ol className={css['steps']}>
        {steps.map(({ text, command }) => (
          <li key={text}>
            <p>{text}</p>
            <Command text={command} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Seen({ services }: { readonly services: readonly ServiceView[] }): ReactElement | null {
  if (services.length === 0) return null;
  return (
    <section className={`${page['card'] ?? ''} ${css['seen'] ?? ''}`} aria-labelledby="seen">
      <div className={page['cardHead']}>
        <h2 id="seen">Heard from</h2>
        <Link to="/services">All services</Link>
      </div>
      <ul className={css['services']}>
        {services.map((service) => (
          <li key={service.name}>
            <Link to="/services" search={{ sel: service.name }}>
              {service.name}
            </Link>
            <span>
              {formatCount(service.stepCount)} steps
              {service.lastSeenAt !== null && (
                <>
                  {' '}
                  · <Age at={service.lastSeenAt} /> ago
                </>
              )}
            </span>
            <span className={css['hint']}>
              {service.sends.length + service.takes.length === 0 ? 'sends no message spans' : ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
