import { useState, type ReactElement } from 'react';
import { levelPath, shapeDetail, shapePath } from '../../draw/shape-path.js';
import type { SceneNode, Shape } from '../../draw/scene.js';
import { Icon } from '../../part/icon.js';
import { plural } from '../../theme/format.js';
import type { Lens } from '../../url/params.js';
import css from './map.module.css';

interface SampleProps {
  readonly shape: Shape;
  readonly isGhost?: boolean;
  readonly isConductor?: boolean;
  readonly level?: number;
}

/** Drawn by the same hand as the map, at half its size, so that the mouth of a tube can be made out. */
function Sample(props: SampleProps): ReactElement {
  const { shape, isGhost = false, isConductor = false, level = null } = props;
  const node = { shape, width: 64, height: 30, isConductor, level } as SceneNode;
  const filled = levelPath(node);
  const detail = shapeDetail(node);
  return (
    <svg viewBox="-34 -17 68 34" width="34" height="17" aria-hidden="true">
      <g className={css['sample']} data-shape={shape} data-ghost={isGhost || undefined}>
        <path d={shapePath(node)} />
        {filled !== null && <path d={filled} className={css['sampleLevel']} />}
        {detail !== null && <path d={detail} className={css['sampleDetail']} />}
      </g>
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
              <Sample shape="service" isConductor /> Directs others
            </li>
            <li>
              <Sample shape="tube" level={0.45} /> Messages wait in it
            </li>
            <li>
              <Sample shape="dead-tube" /> Dead letters
            </li>
            <li>
              <Sample shape="external" /> External system
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
