import type { Viewport } from './viewport.js';
import type { Scene } from './scene.js';

export interface PainterProps {
  readonly scene: Scene;
  readonly selected: string | undefined;
  /** Name of the picture. */
  readonly label: string;
  /** Another picture, another key; the same key keeps zoom and place. */
  readonly pictureKey: string;
  readonly start?: { readonly x: number; readonly y: number } | undefined;
  /** A picture that does not fit begins at its left edge, and is drawn smaller to have `start` in view. */
  readonly isFromLeft?: boolean;
  /** A picture that does not fit begins at this scale, to be read and panned instead of guessed at. */
  readonly scaleReadable: number;
  readonly onSelect: (id: string) => void;
  readonly onOpen?: ((id: string) => void) | undefined;
  /** The node that an arrow key leads to. */
  readonly onWalk?: ((id: string, key: string) => string | undefined) | undefined;
  /** Hands the viewport out to the buttons around the picture. */
  readonly onViewport?: ((viewport: Viewport) => void) | undefined;
}

/** More nodes than this are painted on a canvas: measured, SVG falls below 30 frames a second there. */
export const SVG_NODES_MAX = 300;
