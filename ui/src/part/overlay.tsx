import { Dialog } from '@base-ui/react/dialog';
import { Menu } from '@base-ui/react/menu';
import { Popover } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.js';
import css from './overlay.module.css';

interface InfoPopoverProps {
  /** The element that opens it. */
  readonly trigger: ReactElement;
  readonly title: string;
  readonly children: ReactNode;
}

export function InfoPopover({ trigger, title, children }: InfoPopoverProps): ReactElement {
  return (
    <Popover.Root>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" collisionPadding={12}>
          <Popover.Popup className={css['popup']}>
            <Popover.Title render={<h2 className="visually-hidden" />}>{title}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

export interface Choice {
  readonly label: ReactNode;
  readonly run: () => void;
}

interface ChoiceMenuProps {
  readonly trigger: ReactElement;
  readonly choices: readonly Choice[];
}

export function ChoiceMenu({ trigger, choices }: ChoiceMenuProps): ReactElement {
  return (
    <Menu.Root>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" collisionPadding={12}>
          <Menu.Popup className={classNames(css['popup'], css['menu'])}>
            {choices.map((choice, index) => (
              <Menu.Item key={index} className={css['menuItem']} onClick={choice.run}>
                {choice.label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

interface ModalProps {
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
  readonly title: string;
  readonly children: ReactNode;
}

export function Modal({ isOpen, setOpen, title, children }: ModalProps): ReactElement {
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css['backdrop']} />
        <Dialog.Popup className={css['dialog']}>
          <Dialog.Title render={<h2 />}>{title}</Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
