import { lazy, Suspense, useCallback, useMemo, useState, type ReactElement } from 'react';
import { SVG_NODES_MAX } from '../../draw/painter.js';
import { SvgPainter } from '../../draw/svg-painter.js';
import type { Viewport } from '../../draw/viewport.js';
import { Button } from '../../part/button.js';
import { Skeleton } from '../../part/states.js';
import { ZoomButtons } from '../../part/zoom-buttons.js';
import { useSharedNow } from '../../part/time.js';
import { useFrozenPlaces } from './frozen-places.js';
import { Legend } from './legend.js';
import type { MapBodyProps } from './map-page.js';
import { brightNodes, mapScene, walkNode } from './map-scene.js';
import css from './map.module.css';

const CanvasPainter = lazy(async () => ({
  default: (await import('../../draw/canvas-painter.js')).CanvasPainter,
}));

/** How often the ages of quiet places are told anew: not with every second, since each time all is drawn. */
const AGE_STEP_MS = 10_000;

/** The picture with its buttons: zoom, fit, tidy, legend. */
export function MapCanvas({ map, findings, search, change }: MapBodyProps): ReactElement {
  const { places, fresh, tidied, tidy } = useFrozenPlaces(map);
  const [viewport, setViewport] = useState<Viewport>();
  const lens = search.lens ?? 'health';
  const nowMs = Math.floor(useSharedNow() / AGE_STEP_MS) * AGE_STEP_MS;
  const bright = useMemo(() => brightNodes(map, search), [map, search.find, search.focus]);
  const scene = useMemo(
    () => mapScene({ map, places, lens, findings, bright, fresh, nowMs }),
    [map, places, lens, findings, bright, fresh, nowMs],
  );
  const trouble =
    scene.nodes.find(({ mark }) => mark === 'stalled' || mark === 'failed') ??
    scene.nodes.find(({ mark }) => mark !== null);
  const Painter = map.nodes.length > SVG_NODES_MAX ? CanvasPainter : SvgPainter;
  return (
    <div className={css['picture']}>
      <Suspense fallback={<Skeleton />}>
        <Painter
          scene={scene}
          selected={search.sel}
          label={`Map of ${String(map.nodes.length)} places`}
          start={trouble}
          scaleReadable={0.5}
          isFromLeft
          pictureKey={`${String(tidied)} ${search.workflow ?? ''}`}
          onSelect={(sel) => change({ sel: sel === search.sel ? undefined : sel })}
          onOpen={(focus) => change({ focus, sel: focus })}
          onWalk={useCallback(
            (id: string, key: string) => walkNode(map, places, { id, key }),
            [map, places],
          )}
          onViewport={setViewport}
        />
      </Suspense>
      <ZoomButtons viewport={viewport}>
        <Button icon="tidy" title="Lay out anew; this moves nodes" onClick={tidy}>
          Tidy
        </Button>
      </ZoomButtons>
      <Legend lens={lens} nodeCount={map.nodes.length} />
    </div>
  );
}
