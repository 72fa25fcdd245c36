import {
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { Button } from './button.js';
import css from './side-panel.module.css';

const WIDTH_MIN = 320;
const WIDTH_MAX = 560;
const STEP = 24;
let chosenWidth = 384;

interface SidePanelProps {
  readonly label: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** Sits beside what it explains; below 1024 px a sheet over it. Its width is changed by drag or arrow keys. */
export function SidePanel({ label, close, children }: SidePanelProps): ReactElement {
  const [width, setWidth] = useState(chosenWidth);
  const resize = (next: number) => {
    chosenWidth = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, next));
    setWidth(chosenWidth);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') resize(width + STEP);
    else if (event.key === 'ArrowRight') resize(width - STEP);
    else return;
    event.preventDefault();
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    resize(window.innerWidth - event.clientX);
  };
  return (
    <aside
      className={css['panel']}
      aria-label={label}
      style={{ '--panel-width': `${String(width)}px` } as object}
    >
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the panel"
        aria-valuenow={width}
        aria-valuemin={WIDTH_MIN}
        aria-valuemax={WIDTH_MAX}
        tabIndex={0}
        className={css['handle']}
        onKeyDown={key}
        onPointerMove={drag}
      />
      <div className={css['content']}>{children}</div>
      <span className={css['close']}>
        <Button
          kind="quiet"
          icon="close"
          isSmall
          aria-label="Close the panel"
          title="Close (Esc)"
          onClick={close}
        />
      </span>
    </aside>
  );
}

interface PanelSectionProps {
  readonly title: string;
  readonly children: ReactNode;
}

export function PanelSection({ title, children }: PanelSectionProps): ReactElement {
  return (
    <section className={css['section']}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
