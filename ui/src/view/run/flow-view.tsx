import { useCallback, useMemo, useState, type ReactElement } from 'react';
import { SvgPainter } from '../../draw/svg-painter.js';
import type { Viewport } from '../../draw/viewport.js';
import type { Scene } from '../../draw/scene.js';
import type { FlowGraph } from '../../graph/flow.js';
import { FLOW_NODES_MAX } from '../../graph/group-flow.js';
import { Icon } from '../../part/icon.js';
import { ZoomButtons } from '../../part/zoom-buttons.js';
import { formatCount } from '../../theme/format.js';
import { flowScene, groupScene } from './flow-scene.js';
import type { RunViewProps } from './run-page.js';
import css from './run.module.css';

interface FlowViewProps extends RunViewProps {
  readonly graph: FlowGraph;
}

/** The run as cause and effect, one lane per service, left to right. */
export function FlowView({ run, graph, search, change }: FlowViewProps): ReactElement {
  const [viewport, setViewport] = useState<Viewport>();
  const isGrouped = graph.nodes.length > FLOW_NODES_MAX;
  const { scene, groupCount } = useMemo(
    () => (isGrouped ? groupScene(graph) : { scene: flowScene(graph), groupCount: 0 }),
    [graph, isGrouped],
  );
  const start = useMemo(() => scene.nodes.find(({ isFrontier }) => isFrontier), [scene]);
  const select = (id: string) => {
    const first = isGrouped ? undefined : id;
    change({ sel: first === search.sel ? undefined : first });
  };
  return (
    <div className={css['flow']}>
      {isGrouped && (
        <p className={css['grouped']}>
          <Icon name="info" size={14} />
          {formatCount(run.steps.length)} steps, drawn as {formatCount(groupCount)} groups of steps
          that do the same. Timeline and Events show each one.
        </p>
      )}
      <SvgPainter
        scene={scene}
        selected={
          search.sel === undefined ? undefined : (graph.shownAs.get(search.sel) ?? search.sel)
        }
        label={`Flow of ${String(run.steps.length)} steps`}
        pictureKey={`${run.id} ${search.inner ?? ''}`}
        start={start}
        scaleReadable={0.9}
        onSelect={select}
        onWalk={useCallback((id: string, key: string) => walkFlow(scene, id, key), [scene])}
        onViewport={setViewport}
      />
      <ZoomButtons viewport={viewport} />
    </div>
  );
}

/** Right to an effect, left to a cause, up and down to the nearest in the same column. */
function walkFlow(scene: Scene, id: string, key: string): string | undefined {
  const here = scene.nodes.find((node) => node.id === id);
  if (!here) return undefined;
  const nearest = (ids: readonly string[]) =>
    scene.nodes
      .filter((node) => ids.includes(node.id))
      .sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.id;
  const column = scene.nodes.filter(({ x }) => x === here.x);
  if (key === 'ArrowRight')
    return nearest(scene.edges.filter(({ from }) => from === id).map(({ to }) => to));
  if (key === 'ArrowLeft')
    return nearest(scene.edges.filter(({ to }) => to === id).map(({ from }) => from));
  if (key === 'ArrowDown')
    return nearest(column.filter(({ y }) => y > here.y).map((node) => node.id));
  if (key === 'ArrowUp')
    return nearest(column.filter(({ y }) => y < here.y).map((node) => node.id));
  return undefined;
}
