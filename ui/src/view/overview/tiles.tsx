import type { WorkflowView } from '@throughline/model/api/catalog';
import type { DeadLetterView, FindingView } from '@throughline/model/api/findings';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { classNames } from '../../part/class-names.js';
import { StatusIcon } from '../../part/icon.js';
import { toneClass } from '../../part/status-mark.js';
import { formatAge, formatCount } from '../../theme/format.js';
import { STATUS_TONE, type StatusMarkName } from '../../theme/status.js';
import css from './tiles.module.css';

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly mark: StatusMarkName;
  /** Quiet tiles carry no colour: nothing to see there. */
  readonly isLoud: boolean;
  readonly link: Pick<LinkProps, 'to' | 'search'>;
}

function Tile({ label, value, note, mark, isLoud, link }: TileProps): ReactElement {
  return (
    <li>
      <Link
        {...link}
        className={classNames(css['tile'], toneClass(isLoud ? STATUS_TONE[mark] : 'neutral'))}
        data-loud={isLoud || undefined}
      >
        <span className={css['tileLabel']}>
          <StatusIcon mark={mark} size={14} />
          {label}
        </span>
        <span className={css['tileValue']}>{value}</span>
        <span className={css['tileNote']}>{note}</span>
      </Link>
    </li>
  );
}

interface TilesProps {
  readonly findings: readonly FindingView[];
  readonly workflows: readonly WorkflowView[];
  readonly deadLetters: readonly DeadLetterView[];
}

function totals({ findings, workflows, deadLetters }: TilesProps) {
  const status = (name: string) =>
    workflows.reduce((sum, workflow) => sum + (workflow.byStatus[name] ?? 0), 0);
  const ages = deadLetters
    .filter(({ count }) => count > 0)
    .map(({ oldestAgeMs }) => oldestAgeMs ?? 0);
  return {
    active: status('active'),
    failed: status('failed'),
    completed: status('completed'),
    stalled: workflows.reduce((sum, workflow) => sum + workflow.stalled, 0),
    missing: findings.filter(({ rule }) => rule === 'missing-consumer').length,
    dead: deadLetters.reduce((sum, { count }) => sum + count, 0),
    deadOldestMs: ages.length === 0 ? null : Math.max(...ages),
  };
}

/** Every number is a filtered link; the tiles never change places. */
export function Tiles(props: TilesProps): ReactElement {
  const sum = totals(props);
  const { deadOldestMs } = sum;
  return (
    <ul className={css['tiles']}>
      <Tile
        label="Stalled runs"
        value={formatCount(sum.stalled)}
        note="waiting too long"
        mark="stalled"
        isLoud={sum.stalled > 0}
        link={{ to: '/runs', search: { finding: 'stalled-run' } }}
      />
      <Tile
        label="Missing consumers"
        value={formatCount(sum.missing)}
        note="messages that nobody takes"
        mark="missing"
        isLoud={sum.missing > 0}
        link={{ to: '/findings', search: { rule: 'missing-consumer' } }}
      />
      <Tile
        label="Dead letters"
        value={formatCount(sum.dead)}
        note={deadOldestMs === null ? 'none waiting' : `oldest ${formatAge(deadOldestMs)}`}
        mark="dead-lettered"
        isLoud={sum.dead > 0}
        link={{ to: '/dead-letters' }}
      />
      <Tile
        label="Failed runs"
        value={formatCount(sum.failed)}
        note="ended with an error"
        mark="failed"
        isLoud={sum.failed > 0}
        link={{ to: '/runs', search: { status: 'failed' } }}
      />
      <Tile
        label="Running"
        value={formatCount(sum.active)}
        note="not ended yet"
        mark="running"
        isLoud={false}
        link={{ to: '/runs', search: { status: 'active' } }}
      />
      <Tile
        label="Completed"
        value={formatCount(sum.completed)}
        note="ended well"
        mark="completed"
        isLoud={false}
        link={{ to: '/runs', search: { status: 'completed' } }}
      />
    </ul>
  );
}
