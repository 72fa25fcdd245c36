import { useQuery } from '@tanstack/react-query';
import type { AlertHealthView } from '@throughline/model/api/alerts';
import type { ReactElement } from 'react';
import { alertHealthQuery } from '../../api/queries.js';
import page from '../../part/page.module.css';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { Age } from '../../part/time.js';
import { formatCount } from '../../theme/format.js';
import css from './alerts.module.css';

/** Whether telling works at all, and who has fallen silent: without it no alert would not mean that all is well. */
export function Telling(): ReactElement {
  const query = useQuery(alertHealthQuery);
  return (
    <section className={page['card']} aria-labelledby="telling">
      <div className={page['cardHead']}>
        <h2 id="telling">Telling</h2>
      </div>
      <Answer query={query}>
        {(health) => (
          <ul className={`${page['cardBody'] ?? ''} ${css['telling'] ?? ''}`}>
            <Evaluation evaluation={health.evaluation} />
            {health.watches.map((watch) => (
              <Watch key={`${watch.kind} ${watch.name}`} watch={watch} />
            ))}
            <Heartbeat heartbeat={health.heartbeat} />
          </ul>
        )}
      </Answer>
    </section>
  );
}

function Evaluation({ evaluation }: Pick<AlertHealthView, 'evaluation'>): ReactElement {
  const { state, error, lastRanAt } = evaluation;
  return (
    <li>
      <StatusMark
        mark={state === 'ok' ? 'completed' : 'failed'}
        word={state === 'ok' ? 'Findings are evaluated' : `Error: ${error ?? ''}`}
      />
      {lastRanAt !== null && (
        <span className={page['dim']}>
          last <Age at={lastRanAt} /> ago
        </span>
      )}
    </li>
  );
}

function Watch({ watch }: { readonly watch: AlertHealthView['watches'][number] }): ReactElement {
  const { kind, name, state, silentSince } = watch;
  const who = kind === 'anything' ? 'Anybody' : `${kind} ${name}`;
  return (
    <li>
      <StatusMark
        mark={state === 'ok' ? 'completed' : 'missing'}
        word={state === 'ok' ? `${who} is heard` : `No data from ${who}`}
      />
      <span className={page['dim']}>
        silent for <Age at={silentSince} />
      </span>
    </li>
  );
}

function Heartbeat({ heartbeat }: Pick<AlertHealthView, 'heartbeat'>): ReactElement {
  if (heartbeat === null) {
    return (
      <li className={page['dim']}>No heartbeat is configured: nobody would notice the end.</li>
    );
  }
  const { to, state, sent, lastSentAt, lastError } = heartbeat;
  const isWell = state === 'ok' || state === 'waiting';
  return (
    <li>
      <StatusMark
        mark={isWell ? 'completed' : 'failed'}
        word={isWell ? `Heartbeat to ${to}` : `Heartbeat to ${to}: ${lastError ?? state}`}
      />
      <span className={page['dim']}>
        {formatCount(sent)} sent
        {lastSentAt !== null && (
          <>
            , last <Age at={lastSentAt} /> ago
          </>
        )}
      </span>
    </li>
  );
}
