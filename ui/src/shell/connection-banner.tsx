import { useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactElement } from 'react';
import { live } from '../live/connection.js';
import { useLiveState } from '../live/use-live.js';
import { Button } from '../part/button.js';
import { Icon } from '../part/icon.js';
import { Instant, useSharedNow } from '../part/time.js';
import css from './shell.module.css';

/** A restart of the collector takes a moment; a word about it earlier would only be noise. */
const PATIENCE_MS = 1500;

/** Says that what is on screen stands still, since when, and when the next attempt is due. */
export function ConnectionBanner(): ReactElement | null {
  const { lostAtMs, retryAtMs, isConnected } = useLiveState();
  const client = useQueryClient();
  const nowMs = useSharedNow();
  useEffect(() => {
    if (isConnected) void client.invalidateQueries();
  }, [isConnected, client]);
  const isShown = lostAtMs !== null && nowMs - lostAtMs > PATIENCE_MS;
  const seconds = retryAtMs === null ? 0 : Math.max(0, Math.ceil((retryAtMs - nowMs) / 1000));
  return (
    <div role="status">
      {isShown && (
        <div className={css['banner']}>
          <Icon name="offline" />
          <p>
            Live updates stopped at{' '}
            <Instant at={new Date(lostAtMs).toISOString()} isPrecise={false} />. What you see is
            from before then.{' '}
            {seconds > 0
              ? `Next attempt in ${String(seconds)} s.`
              : 'Trying to reach the collector …'}
          </p>
          <Button isSmall onClick={live.retry}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
