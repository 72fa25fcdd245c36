import type { ZoomTransform } from 'd3';
import { useEffect, type RefObject } from 'react';
import { isForShortcuts } from '../shell/shortcuts.js';
import type { PainterProps } from './painter.js';
import { useViewport } from './viewport.js';

const STEP = 80;
const PANS: Record<string, readonly [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

/** Zoom, pan, and their keys, for both painters. */
export function usePainterViewport<E extends Element>(
  props: PainterProps,
  surface: RefObject<E | null>,
  painted: (transform: ZoomTransform) => void,
): void {
  const { scene, pictureKey, start, scaleReadable, isFromLeft, onViewport, selected } = props;
  const viewport = useViewport({
    surface,
    bounds: scene.bounds,
    painted,
    start,
    pictureKey,
    scaleReadable,
    isFromLeft,
  });
  useEffect(() => onViewport?.(viewport), [viewport.fit, onViewport]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!isForShortcuts(event)) return;
      if (event.key === '0') viewport.fit();
      else if (event.key === '+' || event.key === '=') viewport.zoomBy(1.25);
      else if (event.key === '-') viewport.zoomBy(0.8);
      else {
        const pan = PANS[event.key];
        const isOnNode = (event.target as Element).closest('[data-node]') !== null;
        if (pan === undefined || isOnNode || document.activeElement !== document.body) return;
        viewport.panBy(...pan);
      }
      event.preventDefault();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [viewport.fit, viewport.zoomBy, viewport.panBy]);
  useEffect(() => {
    const node = scene.nodes.find(({ id }) => id === selected);
    if (node) viewport.reveal(node.x, node.y);
    // Only a new choice moves the picture; nodes that change under it do not.
  }, [selected, viewport.reveal]);
}
