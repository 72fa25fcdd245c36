import { useVirtualizer } from '@tanstack/react-virtual';
import type { StepView } from '@throughline/model/api/runs';
import { useMemo, useRef, type ReactElement } from 'react';
import { TableHead } from '../../part/table-head.js';
import { StatusMark } from '../../part/status-mark.js';
import { Duration, Instant } from '../../part/time.js';
import { preciseMs } from '../../theme/format.js';
import { stepMark } from '../../theme/status.js';
import page from '../../part/page.module.css';
import { flowGhosts, type FlowGhost } from '../../graph/flow.js';
import { ExpectedRow } from './expected-step.js';
import type { RunViewProps } from './run-page.js';
import css from './events.module.css';

const ROW_HEIGHT = 38;

/** Every step in the order of its start, none left out; then what was promised and has not come. */
export function EventsView({ run, search, change }: RunViewProps): ReactElement {
  const steps = useMemo(() => [...run.steps].sort(byStart), [run.steps]);
  const ghosts = useMemo(() => flowGhosts(run), [run]);
  const types = useMemo(() => messageTypes(run.messages), [run.messages]);
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: steps.length + ghosts.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 15,
  });
  const rows = virtual.getVirtualItems();
  const above = rows[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (rows.at(-1)?.end ?? 0);
  return (
    <div
      ref={box}
      className={css['events']}
      tabIndex={0}
      role="group"
      aria-label="Every step in the order of its start"
    >
      <table className={page['table']} aria-rowcount={steps.length + ghosts.length + 1}>
        <TableHead heads={HEADS} />
        <tbody>
          {above > 0 && <tr aria-hidden="true" style={{ height: above }} />}
          {rows.map(({ index }) => {
            const step = steps[index];
            const select = (sel: string) => change({ sel });
            if (step === undefined) {
              const ghost = ghosts[index - steps.length] as FlowGhost;
              return (
                <ExpectedRow
                  key={ghost.id}
                  ghost={ghost}
                  index={index}
                  isSelected={ghost.id === search.sel}
                  select={select}
                />
              );
            }
            return (
              <EventRow
                key={step.id}
                step={step}
                index={index}
                type={types.get(step.id) ?? ''}
                isSelected={step.id === search.sel}
                select={select}
              />
            );
          })}
          {below > 0 && <tr aria-hidden="true" style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  );
}

function byStart(a: StepView, b: StepView): number {
  return preciseMs(a.startedAt) - preciseMs(b.startedAt) || (a.id < b.id ? -1 : 1);
}

const HEADS = [
  'Time',
  'Service',
  'Step',
  'Message',
  'Status',
  { name: 'Waited', isNumber: true },
  { name: 'Worked', isNumber: true },
  'Tied by',
];

interface EventRowProps {
  readonly step: StepView;
  readonly index: number;
  readonly type: string;
  readonly isSelected: boolean;
  readonly select: (id: string) => void;
}

function EventRow({ step, index, type, isSelected, select }: EventRowProps): ReactElement {
  return (
    <tr aria-rowindex={index + 2} data-selected={isSelected || undefined}>
      <td>
        <Instant at={step.startedAt} isPrecise />
      </td>
      <td className={page['muted']}>{step.service}</td>
      <td className={page['name']}>
        <button type="button" className={css['open']} onClick={() => select(step.id)}>
          {step.name}
        </button>
      </td>
      <td className={page['muted']}>{type}</td>
      <td>
        <StatusMark
          mark={stepMark(step)}
          word={step.status === 'pending' ? 'Not finished' : undefined}
        />
      </td>
      <td className={page['right']}>
        <Duration ms={step.waitMs} />
      </td>
      <td className={page['right']}>
        <Duration ms={step.durationMs} />
      </td>
      <td className={page['dim']}>
        {step.why.key === undefined ? step.why.by : `${step.why.key.type} ${step.why.key.value}`}
      </td>
    </tr>
  );
}

function messageTypes(messages: RunViewProps['run']['messages']): Map<string, string> {
  const types = new Map<string, string>();
  for (const { type, destination, sentBy, takenBy } of messages) {
    const text = type ?? destination;
    if (sentBy !== null) types.set(sentBy, text);
    for (const id of takenBy) types.set(id, text);
  }
  return types;
}
