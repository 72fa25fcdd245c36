import { select, zoom, zoomIdentity, type ZoomBehavior, type ZoomTransform } from 'd3';
import { useCallback, useEffect, useRef, type RefObject } from 'react';
import type { Bounds } from '../graph/graph.js';

export interface Viewport {
  readonly fit: () => void;
  readonly zoomBy: (factor: number) => void;
  readonly panBy: (dx: number, dy: number) => void;
  /** Brings a place into view when it is outside. */
  readonly reveal: (x: number, y: number) => void;
}

interface ViewportOptions<E extends Element> {
  readonly surface: RefObject<E | null>;
  readonly bounds: Bounds;
  readonly painted: (transform: ZoomTransform) => void;
  /** Where a picture that does not fit at a readable size begins. */
  readonly start?: { readonly x: number; readonly y: number } | undefined;
  readonly scaleReadable: number;
  readonly isFromLeft?: boolean | undefined;
  /** Changes when another picture is shown, which is then fitted anew. */
  readonly pictureKey: string;
}

const SCALE_MIN = 0.12;
const SCALE_MAX = 3;

/** Zoom and pan over a drawing surface; the maths and the gestures are d3's. */
export function useViewport<E extends Element>(options: ViewportOptions<E>): Viewport {
  const { surface, pictureKey } = options;
  const latest = useRef(options);
  latest.current = options;
  const behavior = useRef<ZoomBehavior<E, unknown>>(null);
  const transform = useRef<ZoomTransform>(zoomIdentity);

  const apply = useCallback((next: ZoomTransform) => {
    const element = latest.current.surface.current;
    if (element && behavior.current) behavior.current.transform(select(element), next);
  }, []);

  const fit = useCallback(
    (scaleLeast = SCALE_MIN) => {
      const element = latest.current.surface.current;
      if (!element) return;
      apply(fitted(element.getBoundingClientRect(), latest.current, scaleLeast));
    },
    [apply],
  );

  useGestures({ surface, pictureKey, latest, behavior, transform, fit });

  const zoomBy = useCallback((factor: number) => {
    const element = latest.current.surface.current;
    if (element) behavior.current?.scaleBy(select(element), factor);
  }, []);
  const panBy = useCallback((dx: number, dy: number) => {
    const element = latest.current.surface.current;
    const { k } = transform.current;
    if (element) behavior.current?.translateBy(select(element), dx / k, dy / k);
  }, []);
  const reveal = useCallback(
    (x: number, y: number) => {
      const box = latest.current.surface.current?.getBoundingClientRect();
      if (!box) return;
      const [sx, sy] = transform.current.apply([x, y]);
      const edge = 100;
      const isSeen =
        sx > edge && sx < box.width - edge && sy > edge / 2 && sy < box.height - edge / 2;
      if (isSeen) return;
      const { k } = transform.current;
      apply(zoomIdentity.translate(box.width / 2 - x * k, box.height / 2 - y * k).scale(k));
    },
    [apply],
  );
  return { fit: useCallback(() => fit(), [fit]), zoomBy, panBy, reveal };
}

interface GestureOptions<E extends Element> {
  readonly surface: RefObject<E | null>;
  readonly pictureKey: string;
  readonly latest: RefObject<ViewportOptions<E>>;
  readonly behavior: RefObject<ZoomBehavior<E, unknown> | null>;
  readonly transform: RefObject<ZoomTransform>;
  readonly fit: (scaleLeast?: number) => void;
}

/** Binds wheel, drag and pinch to the surface, and fits each new picture. */
function useGestures<E extends Element>(options: GestureOptions<E>): void {
  const { surface, pictureKey, latest, behavior, transform, fit } = options;
  useEffect(() => {
    const element = surface.current;
    if (!element) return;
    const gestures = zoom<E, unknown>()
      .scaleExtent([SCALE_MIN, SCALE_MAX])
      .filter((event: MouseEvent) => event.type !== 'dblclick' && event.button === 0)
      .on('zoom', ({ transform: next }: { transform: ZoomTransform }) => {
        transform.current = next;
        latest.current.painted(next);
      });
    behavior.current = gestures;
    const surfaceSelection = select(element);
    surfaceSelection.call(gestures);
    fit(latest.current.scaleReadable);
    const watcher = new ResizeObserver(() => latest.current.painted(transform.current));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      surfaceSelection.on('.zoom', null);
    };
  }, [surface, fit, pictureKey, latest, behavior, transform]);
}

type FittedOptions = Pick<ViewportOptions<Element>, 'bounds' | 'start' | 'isFromLeft'>;

/** How far right of its start a picture that begins at the left must reach. */
const START_REACH = 130;
/** The part of the readable scale that is given up, at most, to have the start in view. */
const SCALE_GIVEN_UP = 0.3;

/** Of the room that is left over, the part above a picture under which a legend lies. */
const SPARE_ABOVE = 0.3;

function fitted(
  box: DOMRect,
  { bounds, start, isFromLeft = false }: FittedOptions,
  scaleLeast: number,
): ZoomTransform {
  const width = bounds.right - bounds.left;
  const height = bounds.bottom - bounds.top;
  const whole = Math.min(box.width / width, box.height / height, 1.1);
  const reach = isFromLeft && start ? start.x + START_REACH - bounds.left : 0;
  const least = Math.max(
    scaleLeast * (1 - SCALE_GIVEN_UP),
    Math.min(scaleLeast, box.width / reach),
  );
  const scale = Math.max(SCALE_MIN, Math.min(1.1, Math.max(whole, least)));
  if (scale <= whole) {
    const x = (box.width - width * scale) / 2 - bounds.left * scale;
    const spare = box.height - height * scale;
    const y = spare * (isFromLeft ? SPARE_ABOVE : 0.5) - bounds.top * scale;
    return zoomIdentity.translate(x, y).scale(scale);
  }
  const focus = start ?? { x: bounds.left, y: bounds.top };
  const left = -bounds.left * scale;
  const x = isFromLeft
    ? left
    : clamp(box.width / 2 - focus.x * scale, box.width - bounds.right * scale, left);
  const y = clamp(
    box.height / 2 - focus.y * scale,
    box.height - bounds.bottom * scale,
    -bounds.top * scale,
  );
  return zoomIdentity.translate(x, y).scale(scale);
}

/** Between two ends; where the picture is smaller than the surface, in the middle of both. */
function clamp(value: number, low: number, high: number): number {
  if (low > high) return (low + high) / 2;
  return Math.min(high, Math.max(low, value));
}
