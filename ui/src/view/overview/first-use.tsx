import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Command } from '../../part/copy.js';
import part from '../../part/part.module.css';
import { Notice } from '../../part/states.js';
import css from './overview.module.css';

/** Nothing was ever received: the one command, and a line that changes by itself when a span comes. */
export function FirstUse(): ReactElement {
  return (
    <Notice
      title="Waiting for the first span"
      isPage
      icon="map"
      actions={
        <Link to="/setup" className={part['button']} data-kind="primary">
          Connect a service
        </Link>
      }
    >
      <p>
        Workflows, their runs and whatever holds them up will show here. Start a Node service with:
      </p>
      <div className={css['firstCommand']}>
        <Command text="OTEL_SERVICE_NAME=orders node --import @throughline/instrumentation/register server.js" />
      </div>
      <p className={css['waiting']} role="status">
        <span className={css['waitingDot']} aria-hidden="true" />
        Listening for OTLP on {window.location.origin}
      </p>
    </Notice>
  );
}
