import type { SceneNode } from './scene.js';

const FAN = 7;
const CUT = 11;

function rounded(w: number, h: number, r: number): string {
  const x = -w / 2;
  const y = -h / 2;
  return [
    `M${x + r} ${y}H${x + w - r}A${r} ${r} 0 0 1 ${x + w} ${y + r}`,
    `V${y + h - r}A${r} ${r} 0 0 1 ${x + w - r} ${y + h}`,
    `H${x + r}A${r} ${r} 0 0 1 ${x} ${y + h - r}V${y + r}A${r} ${r} 0 0 1 ${x + r} ${y}Z`,
  ].join('');
}

/** The outline of a node about its own middle, in path language that SVG and canvas share. */
export function shapePath({ shape, width: w, height: h }: SceneNode): string {
  const x = w / 2;
  const y = h / 2;
  switch (shape) {
    case 'service':
      return rounded(w, h, 8);
    case 'pill':
      return rounded(w, h, Math.min(10, y));
    case 'external':
      return `M${-x} ${-y}H${x}V${y}H${-x}Z`;
    case 'tube':
      return `M${-x + FAN} ${-y}H${x - FAN}A${FAN} ${y} 0 0 1 ${x - FAN} ${y}H${-x + FAN}A${FAN} ${y} 0 0 1 ${-x + FAN} ${-y}Z`;
    case 'dead-tube':
      return `M${-x + FAN} ${-y}H${x - CUT}L${x} ${-y + CUT}V${y}H${-x + FAN}A${FAN} ${y} 0 0 1 ${-x + FAN} ${-y}Z`;
    case 'tag':
      return `M${-x + 4} ${-y}H${x - CUT}L${x} 0L${x - CUT} ${y}H${-x + 4}A4 4 0 0 1 ${-x} ${y - 4}V${-y + 4}A4 4 0 0 1 ${-x + 4} ${-y}Z`;
    case 'command':
      return rounded(w, h, 4);
  }
}

/** The inner mouth of a tube, drawn as a line so that the shape reads as a pipe seen from the side. */
export function shapeDetail({ shape, width: w, height: h, isConductor }: SceneNode): string | null {
  const x = w / 2;
  const y = h / 2;
  if (shape === 'tube') return `M${x - FAN} ${-y}A${FAN} ${y} 0 0 0 ${x - FAN} ${y}`;
  if (shape === 'dead-tube') return `M${x - CUT} ${-y}V${-y + CUT}H${x}`;
  if (isConductor) return `M${-x + 6} ${-y + 1}V${y - 1}`;
  return null;
}

/** The filled part of a tube that holds messages. */
export function levelPath({ shape, width: w, height: h, level }: SceneNode): string | null {
  if (level === null || level <= 0 || (shape !== 'tube' && shape !== 'dead-tube')) return null;
  const x = w / 2;
  const y = h / 2;
  const length = Math.max(6, (w - 2 * FAN) * level);
  return `M${-x + FAN} ${-y}h${length}v${h}h${-length}A${FAN} ${y} 0 0 1 ${-x + FAN} ${-y}Z`;
}

/** Leaves out the middle of a name so that it fits; width of a letter by rule of thumb. */
export function fitText(text: string, room: number, letter = 6.7): string {
  const letters = Math.floor(room / letter);
  if (text.length <= letters) return text;
  const head = Math.ceil((letters - 1) * 0.6);
  return `${text.slice(0, head)}…${text.slice(text.length - (letters - 1 - head))}`;
}
