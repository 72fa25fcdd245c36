import type { ButtonHTMLAttributes, ReactElement } from 'react';
import type { GlyphName } from '../draw/glyphs.js';
import { classNames } from './class-names.js';
import { Icon } from './icon.js';
import css from './part.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'primary' | 'plain' | 'quiet';
  readonly icon?: GlyphName;
  readonly isSmall?: boolean;
}

export function Button({
  kind = 'plain',
  icon,
  isSmall = false,
  children,
  className,
  ...rest
}: ButtonProps): ReactElement {
  return (
    <button
      type="button"
      {...rest}
      className={classNames(css['button'], className)}
      data-kind={kind}
      data-small={isSmall || undefined}
      data-square={children === undefined || undefined}
    >
      {icon !== undefined && <Icon name={icon} size={15} />}
      {children}
    </button>
  );
}
