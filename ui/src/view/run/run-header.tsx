import { Link } from '@tanstack/react-router';
import type { RunDetail } from '@throughline/model/api/runs';
import type { ReactElement } from 'react';
import { apiAddress } from '../../api/address.js';
import { Button } from '../../part/button.js';
import { classNames } from '../../part/class-names.js';
import { CopyButton } from '../../part/copy.js';
import { Icon } from '../../part/icon.js';
import { ChoiceMenu, InfoPopover } from '../../part/overlay.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { runName } from '../../part/run-line.js';
import { StatusMark, toneClass } from '../../part/status-mark.js';
import { Instant, useSharedNow } from '../../part/time.js';
import { formatAge, formatDuration, instantMs, plural, preciseMs } from '../../theme/format.js';
import { runMark, ruleMark, ruleTitle, STATUS_TONE, STATUS_WORD } from '../../theme/status.js';
import css from './run.module.css';

const EXPORTS = [
  { format: 'otlp', label: 'OTLP/JSON: every span as received' },
  { format: 'json', label: 'JSON: the run as this page has it' },
] as const;

export function RunHeader({ run }: { readonly run: RunDetail }): ReactElement {
  const nowMs = useSharedNow();
  const mark = runMark(run);
  const isOpen = run.status === 'active';
  const word =
    isOpen && mark === 'stalled'
      ? `Stalled ${formatAge(nowMs - stalledSinceMs(run))}`
      : STATUS_WORD[mark];
  return (
    <header className={classNames(css['header'], toneClass(STATUS_TONE[mark]))}>
      <nav aria-label="Breadcrumb" className={page['crumbs']}>
        <Link to="/runs">Runs</Link>
        <Icon name="chevron" size={12} />
        <Link to="/runs" search={{ workflow: run.workflow }}>
          {run.workflow}
        </Link>
      </nav>
      <div className={css['titleLine']}>
        <h1>{runName(run)}</h1>
        <StatusMark mark={mark} word={word} isTinted isLarge />
        <span className={css['titleActions']}>
          <ExportMenu run={run} />
          <CopyButton text={window.location.href} what="link to this page" />
        </span>
      </div>
      <p
        className={css['sentence']}
        data-loud={mark === 'stalled' || mark === 'failed' || undefined}
      >
        {run.sentence}
      </p>
      <Facts run={run} nowMs={nowMs} />
    </header>
  );
}

function Facts({ run, nowMs }: { readonly run: RunDetail; readonly nowMs: number }): ReactElement {
  const isOpen = run.status === 'active';
  const lengthMs =
    (isOpen ? nowMs : preciseMs(run.endedAt ?? run.lastActivityAt)) - preciseMs(run.startedAt);
  return (
    <div className={css['facts']}>
      <PatternChip run={run} />
      {shownKeys(run).map((key) => (
        <Link
          key={`${key.type}:${key.value}`}
          to="/runs"
          search={{ key: `${key.type}:${key.value}` }}
          className={part['chip']}
          title={`Runs with this key (${key.relation})`}
        >
          <span className={page['dim']}>{key.type}</span> {key.value}
        </Link>
      ))}
      {run.findings.map(({ id, rule }) => (
        <Link
          key={id}
          to="/findings/$findingId"
          params={{ findingId: id }}
          className={part['chip']}
        >
          <StatusMark mark={ruleMark(rule)} word={ruleTitle(rule)} />
        </Link>
      ))}
      <span className={css['fact']}>
        started <Instant at={run.startedAt} isPrecise />
      </span>
      <span className={css['fact']}>
        {isOpen ? 'open for ' : 'took '}
        {formatDuration(lengthMs)}
      </span>
      <span className={css['fact']}>
        {plural(run.stepCount, 'step')} in {plural(run.services.length, 'service')},{' '}
        {plural(run.traceCount, 'trace')}
      </span>
      <Family run={run} />
      <SkewNote run={run} />
    </div>
  );
}

/** Since the act that opened the oldest broken promise: a handler that still reports would hide the wait. */
function stalledSinceMs(run: RunDetail): number {
  const opened = run.promises
    .filter(({ state }) => state === 'overdue')
    .map(({ openedAt }) => instantMs(openedAt));
  return Math.min(instantMs(run.lastActivityAt), ...opened);
}

/** A correlation id that only repeats another key says nothing new. */
function shownKeys({ keys }: RunDetail): RunDetail['keys'] {
  const isRepeat = ({ type, value }: RunDetail['keys'][number]) =>
    type === 'correlation' &&
    keys.some(
      (other) =>
        other.type !== type && [other.value, `${other.type}:${other.value}`].includes(value),
    );
  return keys.filter((key) => !isRepeat(key));
}

/** The pattern, with the evidence that led to it one click away. */
function PatternChip({ run }: { readonly run: RunDetail }): ReactElement | null {
  if (run.pattern === null) return null;
  const { because, directed, reactions, handOvers } = run.patternEvidence;
  return (
    <InfoPopover
      title={`Why this run is ${run.pattern}`}
      trigger={
        <button type="button" className={classNames(part['chip'], css['pattern'])}>
          <Icon
            name={
              run.pattern === 'choreographed'
                ? 'workflows'
                : run.pattern === 'orchestrated'
                  ? 'baton'
                  : 'calls'
            }
            size={14}
          />
          {run.pattern.charAt(0).toUpperCase() + run.pattern.slice(1)}
          <Icon name="info" size={13} />
        </button>
      }
    >
      <p className={css['why']}>Why {run.pattern}?</p>
      <ul className={css['because']}>
        {because.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p className={page['dim']}>
        {plural(directed, 'directed step')} · {plural(reactions, 'reaction')} ·{' '}
        {plural(handOvers, 'hand-over')}
      </p>
    </InfoPopover>
  );
}

function Family({ run }: { readonly run: RunDetail }): ReactElement {
  return (
    <>
      {run.parent !== null && (
        <Link to="/runs/$runId" params={{ runId: run.parent }} className={part['chip']}>
          <Icon name="up" size={13} /> Parent run
        </Link>
      )}
      {run.children.map((id, index) => (
        <Link key={id} to="/runs/$runId" params={{ runId: id }} className={part['chip']}>
          <Icon name="down" size={13} /> Child run
          {run.children.length > 1 && ` ${String(index + 1)}`}
        </Link>
      ))}
    </>
  );
}

function SkewNote({ run }: { readonly run: RunDetail }): ReactElement | null {
  if (run.skewCorrections.length === 0) return null;
  return (
    <InfoPopover
      title="Clock skew"
      trigger={
        <button type="button" className={part['chip']}>
          <Icon name="clock" size={13} /> Clocks corrected
        </button>
      }
    >
      <ul className={css['because']}>
        {run.skewCorrections.map(({ service, instance, againstService, shiftMs, stepCount }) => (
          <li key={`${service} ${instance ?? ''} ${againstService}`}>
            {service} is shown {formatDuration(Math.abs(shiftMs))}{' '}
            {shiftMs > 0 ? 'later' : 'earlier'}, measured against {againstService} (
            {plural(stepCount, 'step')}). The raw times are kept.
          </li>
        ))}
      </ul>
    </InfoPopover>
  );
}

function ExportMenu({ run }: { readonly run: RunDetail }): ReactElement {
  return (
    <ChoiceMenu
      trigger={<Button icon="down">Export</Button>}
      choices={EXPORTS.map(({ format, label }) => ({
        label,
        run: () => {
          window.location.assign(
            apiAddress(`runs/${encodeURIComponent(run.id)}/export`, { format }),
          );
        },
      }))}
    />
  );
}
