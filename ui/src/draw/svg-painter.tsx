import { memo, useRef, type KeyboardEvent, type ReactElement } from 'react';
import { GLYPHS, STATUS_GLYPHS, type GlyphPath } from './glyphs.js';
import type { PainterProps } from './painter.js';
import type { SceneBand, SceneEdge, SceneNode } from './scene.js';
import css from './draw.module.css';
import { fitText, levelPath, shapeDetail, shapePath } from './shape-path.js';
import { usePainterViewport } from './use-painter-viewport.js';

function Glyph({
  paths,
  x,
  y,
  size,
}: {
  readonly paths: readonly GlyphPath[];
  readonly x: number;
  readonly y: number;
  readonly size: number;
}): ReactElement {
  return (
    <g
      className={css['glyph']}
      transform={`translate(${String(x)} ${String(y)}) scale(${String(size / 16)})`}
    >
      {paths.map(({ d, isFilled = false, dash }) => (
        <path
          key={d}
          d={d}
          data-filled={isFilled || undefined}
          {...(dash && { strokeDasharray: dash.join(' ') })}
        />
      ))}
    </g>
  );
}

const Edge = memo(function Edge({ edge }: { readonly edge: SceneEdge }): ReactElement {
  const { d, end, width, errorShare } = edge;
  const head = 4 + width * 1.3;
  return (
    <g
      className={css['edge']}
      data-ink={edge.ink}
      data-ghost={edge.isGhost || undefined}
      data-dotted={edge.isDotted || undefined}
      data-dimmed={edge.isDimmed || undefined}
    >
      <path d={d} className={css['edgeLine']} strokeWidth={width} />
      {errorShare > 0 && (
        <path
          d={d}
          className={css['edgeError']}
          pathLength={100}
          strokeWidth={width + 1}
          strokeDasharray={`${String(errorShare * 100)} 100`}
          strokeDashoffset={-100 + errorShare * 100}
        />
      )}
      <path
        d={`M${String(end.x)} ${String(end.y)}l${String(-head)} ${String(-head * 0.6)}v${String(head * 1.2)}Z`}
        className={css['edgeHead']}
        data-failed={errorShare > 0 || undefined}
      />
    </g>
  );
});

/** Labels lie above all lines, with a halo in the colour of the ground. */
function EdgeLabel({ edge }: { readonly edge: SceneEdge }): ReactElement | null {
  if (edge.label === '' || edge.isDimmed) return null;
  return (
    <text
      className={css['edgeLabel']}
      x={edge.labelAt.x}
      y={edge.labelAt.y - 6}
      data-ink={edge.ink}
    >
      {edge.label}
    </text>
  );
}

interface NodeProps {
  readonly node: SceneNode;
  readonly isSelected: boolean;
  readonly isTabStop: boolean;
  readonly onSelect: PainterProps['onSelect'];
  readonly onOpen: PainterProps['onOpen'];
}

interface ShownText {
  readonly title: string;
  readonly qualifier: string;
  readonly note: string;
}

/** Steps carry their note inside, places on the map below. */
function hasInnerNote({ shape }: SceneNode): boolean {
  return shape === 'pill' || shape === 'tag' || shape === 'command';
}

function titleLeft({ icon }: SceneNode): number {
  return icon === null ? 12 : 32;
}

/** Title and note as far as there is room for them. */
function shownText(node: SceneNode): ShownText {
  const room = node.width - titleLeft(node) - (node.mark === null ? 10 : 30);
  const qualifier = node.qualifier === '' ? '' : ` · ${node.qualifier}`;
  // Places on the map are written larger from afar, and must fit then too.
  const letter = hasInnerNote(node) ? 6.7 : 7.2;
  return {
    title: fitText(node.title, room - qualifier.length * 5.6, letter),
    qualifier,
    note: fitText(node.note, hasInnerNote(node) ? room : node.width + 60, 6.1),
  };
}

function NodeOutline({ node }: { readonly node: SceneNode }): ReactElement {
  const { width, height } = node;
  const level = levelPath(node);
  const detail = shapeDetail(node);
  const outline = shapePath(node);
  return (
    <>
      {node.isFrontier && (
        <path
          d={shapePath({ ...node, width: width + 14, height: height + 14 })}
          className={css['frontier']}
        />
      )}
      <path
        d={shapePath({ ...node, width: width + 8, height: height + 8 })}
        className={css['halo']}
      />
      <path d={outline} className={css['body']} />
      {level !== null && <path d={level} className={css['level']} />}
      {detail !== null && <path d={detail} className={css['detail']} />}
      <path d={outline} className={css['outline']} />
    </>
  );
}

interface NodeLabelProps {
  readonly node: SceneNode;
  readonly shown: ShownText;
}

function NodeLabel({ node, shown }: NodeLabelProps): ReactElement {
  const { width, height, mark, icon } = node;
  const isInner = hasInnerNote(node);
  const isTall = isInner && shown.note !== '';
  const left = -width / 2 + titleLeft(node);
  return (
    <>
      {icon !== null && (
        <Glyph paths={GLYPHS[icon]} x={-width / 2 + 12} y={isTall ? -14 : -7} size={14} />
      )}
      <text className={css['title']} x={left} y={isTall ? -3 : 4.5}>
        {shown.title}
        {shown.qualifier !== '' && <tspan className={css['qualifier']}>{shown.qualifier}</tspan>}
      </text>{' '}
      {mark !== null && (
        <g className={css['nodeMark']}>
          <Glyph
            paths={STATUS_GLYPHS[mark]}
            x={width / 2 - (['tag', 'tube', 'dead-tube'].includes(node.shape) ? 34 : 26)}
            y={-8}
            size={16}
          />
        </g>
      )}
      {shown.note !== '' && (
        <text
          className={css['note']}
          x={isInner ? left : 0}
          y={isInner ? 13 : height / 2 + 16}
          data-inner={isInner || undefined}
        >
          {shown.note}
        </text>
      )}{' '}
      {node.isFrontier && (
        <text className={css['waiting']} x={0} y={-height / 2 - 13}>
          waiting here
        </text>
      )}
      {node.isNew && <circle className={css['newDot']} cx={width / 2} cy={-height / 2} r={4.5} />}
    </>
  );
}

const NodeShape = memo(function NodeShape({
  node,
  isSelected,
  isTabStop,
  onSelect,
  onOpen,
}: NodeProps): ReactElement {
  const shown = shownText(node);
  return (
    <g
      className={css['node']}
      transform={`translate(${String(node.x)} ${String(node.y)})`}
      role="button"
      aria-label={nodeName(node, shown)}
      aria-pressed={isSelected}
      tabIndex={isTabStop ? 0 : -1}
      data-node={node.id}
      data-shape={node.shape}
      data-ink={node.ink}
      data-marked={node.mark !== null || undefined}
      data-ghost={node.isGhost || undefined}
      data-dimmed={node.isDimmed || undefined}
      data-selected={isSelected || undefined}
      onClick={() => onSelect(node.id)}
      onDoubleClick={() => onOpen?.(node.id)}
    >
      {node.crossing !== undefined && <title>{node.crossing}</title>}
      <NodeOutline node={node} />
      {node.crossing !== undefined && (
        <path d={`M${String(node.width / 2 + 5)} -9v18m4 -18v18`} className={css['crossing']} />
      )}
      <NodeLabel node={node} shown={shown} />
    </g>
  );
});

/** The name of a node begins with what is written on it, so that speech control finds it; the rest follows. */
function nodeName(node: SceneNode, shown: ShownText): string {
  const written = [
    `${shown.title}${shown.qualifier}`,
    shown.note,
    node.isFrontier ? 'waiting here' : '',
  ];
  const whole = shown.title === node.title ? '' : node.title;
  const said = written.filter((part) => part !== '').join(' ');
  return [said, whole, node.description].filter((part) => part !== '').join(', ');
}

function Band({ band }: { readonly band: SceneBand }): ReactElement {
  return (
    <g className={css['band']} data-kind={band.kind}>
      <rect
        x={band.x}
        y={band.y}
        width={band.width}
        height={band.height}
        rx={band.kind === 'lane' ? 0 : 8}
      />
      {band.label !== '' && (
        <text
          x={band.x + 10}
          y={band.y + (band.kind === 'lane' ? 20 : 14)}
          data-sticky={band.kind === 'lane' ? band.x + 10 : undefined}
        >
          {band.label}
        </text>
      )}
    </g>
  );
}

/** Names of lanes stay in sight however far the picture is panned. */
function stickLabels(stage: SVGGElement | null, left: number): void {
  for (const label of stage?.querySelectorAll('[data-sticky]') ?? []) {
    label.setAttribute('x', String(Math.max(left, Number(label.getAttribute('data-sticky')))));
  }
}

/** Paints a scene as SVG: crisp, focusable, styled by tokens. For up to a few hundred nodes. */
export function SvgPainter(props: PainterProps): ReactElement {
  const { scene, selected, label, onSelect, onOpen, onWalk } = props;
  const surface = useRef<SVGSVGElement>(null);
  const stage = useRef<SVGGElement>(null);
  usePainterViewport(props, surface, (transform) => {
    stage.current?.setAttribute('transform', transform.toString());
    stickLabels(stage.current, transform.invertX(12));
    surface.current?.setAttribute(
      'data-detail',
      transform.k < 0.4 ? 'low' : transform.k < 0.66 ? 'names' : 'full',
    );
  });
  const first = scene.nodes[0]?.id;
  const tabStop = scene.nodes.some(({ id }) => id === selected) ? selected : first;
  const key = (event: KeyboardEvent<SVGSVGElement>) => {
    const id = (event.target as Element).getAttribute('data-node');
    if (id === null) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (event.key === 'Enter' && id === selected) onOpen?.(id);
      else onSelect(id);
      return;
    }
    const next = onWalk?.(id, event.key);
    if (next === undefined) return;
    event.preventDefault();
    surface.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };
  return (
    <svg ref={surface} className={css['surface']} role="group" aria-label={label} onKeyDown={key}>
      <g ref={stage}>
        {scene.bands.map((band) => (
          <Band key={band.id} band={band} />
        ))}
        {scene.edges.map((edge) => (
          <Edge key={edge.id} edge={edge} />
        ))}
        {scene.edges.map((edge) => (
          <EdgeLabel key={edge.id} edge={edge} />
        ))}
        {scene.nodes.map((node) => (
          <NodeShape
            key={node.id}
            node={node}
            isSelected={node.id === selected}
            isTabStop={node.id === tabStop}
            onSelect={onSelect}
            onOpen={onOpen}
          />
        ))}
      </g>
    </svg>
  );
}
