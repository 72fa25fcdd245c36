import type { ReactElement } from 'react';
import { GLYPHS, STATUS_GLYPHS, type GlyphName, type GlyphPath } from '../draw/glyphs.js';
import type { StatusMarkName } from '../theme/status.js';

interface GlyphProps {
  readonly paths: readonly GlyphPath[];
  readonly size: number;
  readonly className?: string | undefined;
}

/** Always decorative: the word beside it carries the meaning. */
function Glyph({ paths, size, className }: GlyphProps): ReactElement {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={className}
    >
      {paths.map(({ d, isFilled = false, dash }) => (
        <path
          key={d}
          d={d}
          {...(isFilled && { fill: 'currentColor', stroke: 'none' })}
          {...(dash && { strokeDasharray: dash.join(' ') })}
        />
      ))}
    </svg>
  );
}

interface IconProps {
  readonly name: GlyphName;
  readonly size?: number;
  readonly className?: string | undefined;
}

export function Icon({ name, size = 16, className }: IconProps): ReactElement {
  return <Glyph paths={GLYPHS[name]} size={size} className={className} />;
}

interface StatusIconProps {
  readonly mark: StatusMarkName;
  readonly size?: number;
  readonly className?: string | undefined;
}

export function StatusIcon({ mark, size = 16, className }: StatusIconProps): ReactElement {
  return <Glyph paths={STATUS_GLYPHS[mark]} size={size} className={className} />;
}
