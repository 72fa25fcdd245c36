import { useState, type ReactElement } from 'react';
import { shapePath } from '../../draw/shape-path.js';
import type { Shape } from '../../draw/scene.js';
import { Icon } from '../../part/icon.js';
import { plural } from '../../theme/format.js';
import type { Lens } from '../../url/params.js';
import css from './map.module.css';

interface SampleProps {
  readonly shape: Shape;
  readonly isGhost?: boolean;
}

function Sample({ shape, isGhost = false }: SampleProps): ReactElement {
  const d = shapePath({ shape, width: 30, height: 14, x: 0, y: 0 } as Parameters<
    typeof shapePath
  >[0]);
  return (
    <svg viewBox="-17 -9 34 18" width="34" height="18" aria-hidden="true">
      <path d={d} className={css['sample']} data-ghost={isGhost || undefined} />
    </svg>
  );
}

const LENS_WORDS: Record<Lens, string> = {
  health: 'Colour and icon: open findings. Line width: rate.',
  rate: 'Line width and number: messages or calls per time.',
  latency: 'Line shade and number: 95 of 100 are at most this slow.',
  errors: 'Red end of a line: share that failed; ✕ counts them.',
};

/** What the shapes mean. Dashed means one thing only: expected, but not seen. */
export function Legend({
  lens,
  nodeCount,
}: {
  readonly lens: Lens;
  readonly nodeCount: number;
}): ReactElement {
  const [isOpen, setOpen] = useState(() => window.innerWidth > 1200);
  return (
    <div className={css['legend']}>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'down' : 'up'} size={13} />
        Legend · {plural(nodeCount, 'place')}
      </button>
      {isOpen && (
        <>
          <ul>
            <li>
              <Sample shape="service" /> Service
            </li>
            <li>
              <Sample shape="tube" /> Queue or topic
            </li>
            <li>
              <Sample shape="dead-tube" /> Dead letters
            </li>
            <li>
              <Sample shape="external" /> External
            </li>
            <li>
              <Sample shape="service" isGhost /> Expected, not seen
            </li>
          </ul>
          <p>{LENS_WORDS[lens]}</p>
        </>
      )}
    </div>
  );
}
