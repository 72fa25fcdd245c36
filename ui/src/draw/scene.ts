import type { Bounds } from '../graph/graph.js';
import type { Point } from '../graph/route.js';
import type { StatusMarkName, Tone } from '../theme/status.js';
import type { GlyphName } from './glyphs.js';

/** What a node is drawn as; `tag` is a message, `pill` a step. */
export type Shape = 'service' | 'tube' | 'dead-tube' | 'external' | 'pill' | 'tag' | 'command';

/** Colours by name, so that both painters and both themes agree. */
export type Ink =
  Tone | 'line' | 'text' | 'accent' | 'ramp-1' | 'ramp-2' | 'ramp-3' | 'ramp-4' | 'ramp-5';

export interface SceneNode {
  readonly id: string;
  readonly shape: Shape;
  /** Middle of the node. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What tells it from another of the same name, beside the title and smaller; empty where there is none. */
  readonly qualifier: string;
  /** The line below the title or the node. */
  readonly note: string;
  readonly ink: Ink;
  readonly mark: StatusMarkName | null;
  readonly icon: GlyphName | null;
  /** Expected but not seen: the same shape, dashed, not filled. */
  readonly isGhost: boolean;
  /** Directs other services: a double bar on the left. */
  readonly isConductor: boolean;
  /** How full a tube is, 0 to 1; null where it has no meaning. */
  readonly level: number | null;
  /** The run waits here. */
  readonly isFrontier: boolean;
  readonly isDimmed: boolean;
  /** Said of a message that crosses the border of what one service directs; such a node has a mark there. */
  readonly crossing?: string | undefined;
  readonly isNew: boolean;
  /** Says everything the picture says, for those who do not see it. */
  readonly description: string;
}

export interface SceneEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly d: string;
  readonly end: Point;
  readonly width: number;
  readonly ink: Ink;
  readonly isGhost: boolean;
  readonly isDotted: boolean;
  readonly isDimmed: boolean;
  readonly label: string;
  readonly labelAt: Point;
  /** Part of the line, from its end, that is drawn in the failed colour; 0 for none. */
  readonly errorShare: number;
  readonly description: string;
}

/** A labelled region behind the nodes. */
export interface SceneBand {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly kind: 'lane' | 'directed';
}

export interface Scene {
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly bands: readonly SceneBand[];
  readonly bounds: Bounds;
}

const MARGIN = 28;
/** A note below the node belongs to what must be seen. */
const NOTE = 22;

export function boundsOf(
  nodes: readonly Pick<SceneNode, 'x' | 'y' | 'width' | 'height'>[],
): Bounds {
  if (nodes.length === 0) return { left: 0, top: 0, right: 100, bottom: 100 };
  return {
    left: Math.min(...nodes.map(({ x, width }) => x - width / 2)) - MARGIN,
    top: Math.min(...nodes.map(({ y, height }) => y - height / 2)) - MARGIN,
    right: Math.max(...nodes.map(({ x, width }) => x + width / 2)) + MARGIN,
    bottom: Math.max(...nodes.map(({ y, height }) => y + height / 2)) + MARGIN + NOTE,
  };
}
