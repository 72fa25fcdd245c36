import { zoomIdentity, type ZoomTransform } from 'd3';
import { useEffect, useRef, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react';
import { usePreferences } from '../theme/preferences.js';
import { GLYPHS, STATUS_GLYPHS, type GlyphPath } from './glyphs.js';
import { palette, type Palette } from './palette.js';
import type { PainterProps } from './painter.js';
import type { Scene, SceneEdge, SceneNode } from './scene.js';
import css from './draw.module.css';
import { fitText, levelPath, shapeDetail, shapePath } from './shape-path.js';
import { usePainterViewport } from './use-painter-viewport.js';

interface Brush {
  readonly context: CanvasRenderingContext2D;
  readonly colours: Palette;
  readonly scale: number;
}

function paintGlyph({ context }: Brush, paths: readonly GlyphPath[], colour: string): void {
  context.lineWidth = 1.4;
  for (const { d, isFilled = false, dash } of paths) {
    const path = new Path2D(d);
    context.setLineDash([...(dash ?? [])]);
    if (isFilled) {
      context.fillStyle = colour;
      context.fill(path);
    } else {
      context.strokeStyle = colour;
      context.stroke(path);
    }
  }
  context.setLineDash([]);
}

function paintEdge({ context, colours, scale }: Brush, edge: SceneEdge): void {
  context.globalAlpha = edge.isDimmed ? 0.25 : 1;
  context.strokeStyle = colours[edge.ink];
  context.fillStyle = colours[edge.ink];
  context.lineWidth = Math.max(edge.width, 0.7 / scale);
  context.setLineDash(edge.isGhost ? [6, 5] : edge.isDotted ? [2, 4] : []);
  context.stroke(new Path2D(edge.d));
  context.setLineDash([]);
  if (scale > 0.25) {
    const head = 4 + edge.width * 1.3;
    context.beginPath();
    context.moveTo(edge.end.x, edge.end.y);
    context.lineTo(edge.end.x - head, edge.end.y - head * 0.6);
    context.lineTo(edge.end.x - head, edge.end.y + head * 0.6);
    context.fill();
  }
  if (scale > 0.66 && edge.label !== '' && !edge.isDimmed) {
    context.font = `11px ${colours.font}`;
    context.textAlign = 'center';
    context.lineWidth = 4;
    context.strokeStyle = colours.ground;
    context.strokeText(edge.label, edge.labelAt.x, edge.labelAt.y - 6);
    context.fillStyle = colours.muted;
    context.fillText(edge.label, edge.labelAt.x, edge.labelAt.y - 6);
  }
}

function paintNode(brush: Brush, node: SceneNode, isSelected: boolean): void {
  const { context, colours, scale } = brush;
  const { width, height } = node;
  context.save();
  context.translate(node.x, node.y);
  context.globalAlpha = node.isDimmed ? 0.3 : 1;
  const outline = new Path2D(shapePath(node));
  const ink = node.ink === 'line' ? colours.line : colours[node.ink];
  if (!node.isGhost) {
    context.fillStyle = colours.body;
    context.fill(outline);
  }
  const level = levelPath(node);
  if (level !== null) {
    context.fillStyle = colours.level;
    context.fill(new Path2D(level));
  }
  context.setLineDash(node.isGhost ? [5, 4] : []);
  context.lineWidth = isSelected ? 2.5 : 1.4;
  context.strokeStyle = isSelected ? colours.accent : ink;
  context.stroke(outline);
  const detail = shapeDetail(node);
  if (detail !== null) context.stroke(new Path2D(detail));
  context.setLineDash([]);
  if (scale >= 0.4) {
    const left = node.icon === null ? 12 : 32;
    context.font = `500 13px ${colours.font}`;
    context.textAlign = 'left';
    context.fillStyle = colours.text;
    const room = width - left - (node.mark === null ? 10 : 30);
    const title = node.qualifier === '' ? node.title : `${node.title} · ${node.qualifier}`;
    context.fillText(fitText(title, room), -width / 2 + left, 4.5);
    if (node.icon !== null)
      paintAt(brush, GLYPHS[node.icon], { x: -width / 2 + 12, size: 14, ink: colours.muted });
  }
  if (scale >= 0.66 && node.note !== '') {
    context.font = `11.5px ${colours.font}`;
    context.textAlign = 'center';
    context.fillStyle = colours.muted;
    context.fillText(fitText(node.note, width + 60, 6.1), 0, height / 2 + 16);
  }
  if (node.mark !== null)
    paintAt(brush, STATUS_GLYPHS[node.mark], {
      x: width / 2 - (node.shape === 'service' || node.shape === 'external' ? 26 : 34),
      size: 16,
      ink,
    });
  context.restore();
}

function paintAt(
  brush: Brush,
  paths: readonly GlyphPath[],
  { x, size, ink }: { readonly x: number; readonly size: number; readonly ink: string },
): void {
  brush.context.save();
  brush.context.translate(x, -size / 2);
  brush.context.scale(size / 16, size / 16);
  paintGlyph(brush, paths, ink);
  brush.context.restore();
}

interface Frame {
  readonly scene: Scene;
  readonly selected: string | undefined;
  readonly transform: ZoomTransform;
}

function paint(canvas: HTMLCanvasElement, { scene, selected, transform }: Frame): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { clientWidth, clientHeight } = canvas;
  const ratio = window.devicePixelRatio;
  if (canvas.width !== clientWidth * ratio || canvas.height !== clientHeight * ratio) {
    canvas.width = clientWidth * ratio;
    canvas.height = clientHeight * ratio;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  context.translate(transform.x, transform.y);
  context.scale(transform.k, transform.k);
  const brush = { context, colours: palette(canvas), scale: transform.k };
  const [left, top] = transform.invert([0, 0]);
  const [right, bottom] = transform.invert([clientWidth, clientHeight]);
  for (const edge of scene.edges) paintEdge(brush, edge);
  for (const node of scene.nodes) {
    const reach = node.width;
    const isSeen =
      node.x > left - reach &&
      node.x < right + reach &&
      node.y > top - reach &&
      node.y < bottom + reach;
    if (isSeen) paintNode(brush, node, node.id === selected);
  }
}

function nodeAt(scene: Scene, [x, y]: readonly [number, number]): SceneNode | undefined {
  return scene.nodes.findLast(
    (node) => Math.abs(node.x - x) <= node.width / 2 && Math.abs(node.y - y) <= node.height / 2,
  );
}

/** Paints a scene on a canvas: for maps that SVG is too slow for. A list beside it takes the keyboard. */
export function CanvasPainter(props: PainterProps): ReactElement {
  const { scene, selected, label, onSelect, onOpen, onWalk } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const transform = useRef<ZoomTransform>(zoomIdentity);
  const { theme } = usePreferences();
  const repaint = () => {
    if (canvas.current) paint(canvas.current, { scene, selected, transform: transform.current });
  };
  usePainterViewport(props, canvas, (next) => {
    transform.current = next;
    repaint();
  });
  useEffect(repaint, [scene, selected, theme]);
  const hit = (event: MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = transform.current.invert([event.clientX - box.left, event.clientY - box.top]);
    return nodeAt(scene, at);
  };
  const key = (event: KeyboardEvent<HTMLCanvasElement>) => {
    const id = selected ?? scene.nodes[0]?.id;
    const next =
      id === undefined ? undefined : event.key === 'Enter' ? id : onWalk?.(id, event.key);
    if (next === undefined) return;
    event.preventDefault();
    if (next === selected) onOpen?.(next);
    else onSelect(next);
  };
  const chosen = scene.nodes.find(({ id }) => id === selected);
  return (
    <>
      <canvas
        ref={canvas}
        className={css['surface']}
        role="application"
        aria-label={`${label}. Arrow keys walk from node to node, Enter focuses.`}
        tabIndex={0}
        onClick={(event) => {
          const node = hit(event);
          if (node) onSelect(node.id);
        }}
        onDoubleClick={(event) => {
          const node = hit(event);
          if (node) onOpen?.(node.id);
        }}
        onKeyDown={key}
      />
      <p className="visually-hidden" role="status">
        {chosen === undefined ? '' : `${chosen.title} ${chosen.note}, ${chosen.description}`}
      </p>
    </>
  );
}
