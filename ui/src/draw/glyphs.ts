import type { StatusMarkName } from '../theme/status.js';

/** One stroke of a glyph in a 16 × 16 box; the same paths serve icons, the SVG painter and the canvas. */
export interface GlyphPath {
  readonly d: string;
  readonly isFilled?: boolean;
  readonly dash?: readonly number[];
}

const CIRCLE = 'M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5z';

/** Shape and icon of each status: told apart without any colour. */
export const STATUS_GLYPHS: Record<StatusMarkName, readonly GlyphPath[]> = {
  completed: [{ d: CIRCLE }, { d: 'M5.2 8.2l2 2 3.6-4.2' }],
  running: [{ d: CIRCLE }, { d: 'M8 3.6a4.4 4.4 0 0 1 0 8.8z', isFilled: true }],
  stalled: [
    { d: 'M8 1.6L15 14H1z' },
    { d: 'M6.3 6.9h3.4L8 9.3zM6.3 12h3.4L8 9.6z', isFilled: true },
  ],
  failed: [
    { d: 'M5.3 1.75h5.4l3.55 3.55v5.4l-3.55 3.55H5.3L1.75 10.7V5.3z' },
    { d: 'M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2' },
  ],
  'dead-lettered': [
    { d: 'M1.9 9.6v4.2h12.2V9.6h-3.3l-1 1.8H6.2l-1-1.8z' },
    { d: 'M8 1.8v6.4M5.6 6L8 8.4 10.4 6' },
  ],
  missing: [{ d: CIRCLE, dash: [2.6, 2.3] }],
  compensated: [{ d: 'M6 3.2L2.6 6.6 6 10M2.8 6.6h6.4a3.6 3.6 0 0 1 0 7.2H6.6' }],
  cancelled: [{ d: CIRCLE }, { d: 'M3.7 12.3l8.6-8.6' }],
  unknown: [{ d: CIRCLE }, { d: 'M6.3 6.3a1.75 1.75 0 1 1 2.5 1.6c-.6.3-.8.7-.8 1.3M8 11.2v.3' }],
};

const GEAR =
  'M8 5.6a2.4 2.4 0 1 1 0 4.8a2.4 2.4 0 1 1 0-4.8zM8 1.8v1.9M8 12.3v1.9M1.8 8h1.9M12.3 8h1.9M3.6 3.6L5 5M11 11l1.4 1.4M3.6 12.4L5 11M11 5l1.4-1.4';

/** Icons of the chrome and of the things on the map. */
export const GLYPHS = {
  overview: [{ d: 'M2 2.5h5v5H2zM9 2.5h5v3H9zM9 8h5v5.5H9zM2 10h5v3.5H2z' }],
  map: [
    {
      d: 'M1.8 5.8h3.6v4.4H1.8zM10.6 2h3.6v4h-3.6zM10.6 10h3.6v4h-3.6zM5.4 8h2.4M10.6 4H9a1.2 1.2 0 0 0-1.2 1.2v5.6A1.2 1.2 0 0 0 9 12h1.6',
    },
  ],
  runs: [{ d: 'M2 4h3M7 4h7M2 8h6M10 8h4M2 12h2M6 12h8' }],
  findings: [{ d: 'M4 14V2.5h8.5l-2 3 2 3H4' }],
  'dead-letters': STATUS_GLYPHS['dead-lettered'],
  workflows: [
    {
      d: 'M3.5 2.2a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4zM12.5 6.3a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4zM3.5 10.4a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4zM5.2 3.9h2.4c1.7 0 1.6 4.1 3.2 4.1M5.2 12.1h2.4C9.3 12.1 9.2 8 10.8 8',
    },
  ],
  catalog: [{ d: 'M2.5 2.5h11v11h-11zM2.5 6.2h11M6.2 6.2v7.3' }],
  setup: [{ d: GEAR }],
  search: [{ d: 'M7 2.2a4.8 4.8 0 1 1 0 9.6a4.8 4.8 0 1 1 0-9.6zM10.6 10.6L14 14' }],
  sun: [
    {
      d: 'M8 5.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
    },
  ],
  moon: [{ d: 'M13.5 9.8A5.8 5.8 0 0 1 6.2 2.5a5.8 5.8 0 1 0 7.3 7.3z' }],
  system: [{ d: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5' }],
  clock: [{ d: `${CIRCLE}M8 4.6V8l2.4 1.6` }],
  pause: [{ d: 'M5.5 3.5v9M10.5 3.5v9' }],
  play: [{ d: 'M5 3.2l7.5 4.8L5 12.8z', isFilled: true }],
  collapse: [{ d: 'M2.5 2.5h11v11h-11zM6 2.5v11M11 6.3L9.3 8l1.7 1.7' }],
  close: [{ d: 'M4 4l8 8M12 4l-8 8' }],
  copy: [{ d: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3' }],
  check: [{ d: 'M3 8.5l3.3 3.3L13 4.8' }],
  chevron: [{ d: 'M6 3.5L10.5 8 6 12.5' }],
  down: [{ d: 'M3.5 6L8 10.5 12.5 6' }],
  up: [{ d: 'M3.5 10L8 5.5l4.5 4.5' }],
  link: [
    {
      d: 'M6.5 9.5l3-3M7 4.5l1.2-1.2a2.9 2.9 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.2 1.2a2.9 2.9 0 0 1-4.5-4.5L4.5 7',
    },
  ],
  external: [{ d: 'M6 3H3v10h10v-3M9 2.5h4.5V7M13.2 2.8L7.5 8.5' }],
  list: [{ d: 'M2.5 4h11M2.5 8h11M2.5 12h11' }],
  fit: [{ d: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10' }],
  tidy: [{ d: 'M2.5 3h4v3h-4zM9.5 3h4v3h-4zM2.5 10h4v3h-4zM9.5 10h4v3h-4z' }],
  plus: [{ d: 'M8 3v10M3 8h10' }],
  minus: [{ d: 'M3 8h10' }],
  bell: [{ d: 'M4 11.5V7a4 4 0 0 1 8 0v4.5l1 .8H3zM6.8 14h2.4' }],
  info: [{ d: `${CIRCLE}M8 7.3v3.7M8 5v.2` }],
  baton: [{ d: 'M3 13L11.5 4.5M10 2.5l3.5 3.5M4.5 5.5h3M8.5 11.5h3' }],
  person: [{ d: 'M8 2.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5zM3 13.5a5 5 0 0 1 10 0' }],
  service: [{ d: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.2M5 11h.2' }],
  filter: [{ d: 'M2 3.5h12L9.5 8.7v4.3l-3-1.5V8.7z' }],
  offline: [{ d: 'M2 6.2a9 9 0 0 1 12 0M4.3 8.8a5.5 5.5 0 0 1 7.4 0M8 12h.2M2.5 2.5l11 11' }],
  snooze: [{ d: 'M4 3.5h5l-5 6h5M10 8.5h3.5l-3.5 4.5h3.5' }],
  calls: [{ d: 'M2 8h10M8.5 4.5L12 8l-3.5 3.5M14 3.5v9' }],
} satisfies Record<string, readonly GlyphPath[]>;

export type GlyphName = keyof typeof GLYPHS;
