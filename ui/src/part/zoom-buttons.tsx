import type { ReactElement, ReactNode } from 'react';
import type { Viewport } from '../draw/viewport.js';
import { Button } from './button.js';
import css from './zoom-buttons.module.css';

interface ZoomButtonsProps {
  /** Undefined until the picture is there. */
  readonly viewport: Viewport | undefined;
  /** What a picture can do besides. */
  readonly children?: ReactNode;
}

export function ZoomButtons({ viewport, children }: ZoomButtonsProps): ReactElement {
  return (
    <div className={css['zoom']} role="group" aria-label="Zoom">
      <Button
        icon="plus"
        aria-label="Zoom in"
        title="Zoom in ( + )"
        onClick={() => viewport?.zoomBy(1.3)}
      />
      <Button
        icon="minus"
        aria-label="Zoom out"
        title="Zoom out ( − )"
        onClick={() => viewport?.zoomBy(0.77)}
      />
      <Button
        icon="fit"
        aria-label="Fit"
        title="Show everything ( 0 )"
        onClick={() => viewport?.fit()}
      />
      {children}
    </div>
  );
}
