import type { Ink } from './scene.js';

export type Palette = Readonly<
  Record<Ink | 'ground' | 'body' | 'level' | 'muted' | 'font', string>
>;

const TOKENS = {
  ok: '--ok',
  running: '--running',
  stalled: '--stalled',
  failed: '--failed',
  dead: '--dead',
  neutral: '--neutral',
  line: '--line',
  text: '--text',
  accent: '--accent',
  'ramp-1': '--ramp-1',
  'ramp-2': '--ramp-2',
  'ramp-3': '--ramp-3',
  'ramp-4': '--ramp-4',
  'ramp-5': '--ramp-5',
  ground: '--map',
  body: '--bg',
  level: '--inset',
  muted: '--muted',
} as const;

/** `light-dark()` is resolved for properties only, so each token is read through one. */
export function palette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.parentElement?.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(
    Object.entries(TOKENS).map(([name, token]) => [name, read(token)]),
  );
  probe.remove();
  return { ...colours, font: getComputedStyle(element).fontFamily } as unknown as Palette;
}
