import type { WorkflowView } from '@throughline/model/api/catalog';
import { Link } from '@tanstack/react-router';
import { scaleSqrt } from 'd3';
import type { ReactElement } from 'react';
import { StatusMark } from '../../part/status-mark.js';
import { formatCount, plural } from '../../theme/format.js';
import { Instant } from '../../part/time.js';
import css from './overview.module.css';

const HEIGHT = 34;
const BAR_LEAST = 3;

type Bucket = WorkflowView['heat'][number];

function bucketEnd(heat: readonly Bucket[], index: number): string | undefined {
  return heat[index + 1]?.at;
}

interface BarsProps {
  readonly workflow: WorkflowView;
  readonly most: number;
}

/** Height is the number of runs, so that quiet hours show without any colour; trouble sits at the foot, hatched. */
function Bars({ workflow, most }: BarsProps): ReactElement {
  const height = scaleSqrt([0, Math.max(1, most)], [0, HEIGHT]);
  return (
    <div className={css['bars']}>
      {workflow.heat.map((bucket, index) => {
        const { at, runs, failed, stalled } = bucket;
        const whole = runs === 0 ? 0 : Math.max(BAR_LEAST, height(runs));
        const part = (count: number) =>
          count === 0 ? 0 : Math.max(BAR_LEAST, (whole * count) / Math.max(1, runs));
        const label = `${plural(runs, 'run')}, ${formatCount(failed)} failed, ${formatCount(stalled)} stalled`;
        const to = bucketEnd(workflow.heat, index);
        if (runs + failed + stalled === 0) return <span key={at} className={css['bar']} />;
        return (
          <Link
            key={at}
            to="/runs"
            search={{ workflow: workflow.name, from: at, ...(to !== undefined && { to }) }}
            className={css['bar']}
            title={`${label} · from ${at}`}
            aria-label={`${workflow.name}: ${label}`}
            preload={false}
            tabIndex={-1}
          >
            <span className={css['barRuns']} style={{ height: whole }} />
            <span
              className={css['barStalled']}
              style={{ height: part(stalled), bottom: part(failed) }}
            />
            <span className={css['barFailed']} style={{ height: part(failed) }} />
          </Link>
        );
      })}
    </div>
  );
}

export function HeatStrip({
  workflows,
}: {
  readonly workflows: readonly WorkflowView[];
}): ReactElement {
  const most = Math.max(1, ...workflows.flatMap(({ heat }) => heat.map(({ runs }) => runs)));
  const first = workflows.find(({ heat }) => heat.length > 0)?.heat[0]?.at;
  return (
    <div className={css['heat']}>
      <ul>
        {workflows.map((workflow) => (
          <li key={workflow.name} className={css['heatRow']}>
            <Link to="/runs" search={{ workflow: workflow.name }} className={css['heatName']}>
              <span>{workflow.name}</span>
              <span className={css['heatCount']}>{plural(workflow.runs, 'run')}</span>
            </Link>
            <Bars workflow={workflow} most={most} />
            <span className={css['heatMarks']}>
              {workflow.stalled > 0 && (
                <Link to="/runs" search={{ workflow: workflow.name, finding: 'stalled-run' }}>
                  <StatusMark mark="stalled" word={`${formatCount(workflow.stalled)} stalled`} />
                </Link>
              )}
              {(workflow.byStatus['failed'] ?? 0) > 0 && (
                <Link to="/runs" search={{ workflow: workflow.name, status: 'failed' }}>
                  <StatusMark
                    mark="failed"
                    word={`${formatCount(workflow.byStatus['failed'] ?? 0)} failed`}
                  />
                </Link>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p className={css['heatAxis']}>
        <span>{first !== undefined && <Instant at={first} />}</span>
        <span>now</span>
      </p>
    </div>
  );
}
