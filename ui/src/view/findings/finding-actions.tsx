import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FindingView } from '@throughline/model/api/findings';
import { useState, type ReactElement } from 'react';
import { asProblem } from '../../api/problem.js';
import { postJson } from '../../api/request.js';
import { Button } from '../../part/button.js';
import form from '../../part/form.module.css';
import { ChoiceMenu, Modal } from '../../part/overlay.js';
import { plural } from '../../theme/format.js';

const SNOOZES = [
  { length: '30m', label: 'for 30 minutes' },
  { length: '4h', label: 'for 4 hours' },
  { length: '1d', label: 'until tomorrow' },
  { length: '7d', label: 'for a week' },
] as const;

type Act =
  | { readonly act: 'acknowledge' | 'close' }
  | { readonly act: 'snooze'; readonly for: string }
  | { readonly act: 'snooze'; readonly untilRuns: number };

const EFFECTS = {
  acknowledge: 'Everyone sees that somebody is on it. It stays open until its cause is gone.',
  close: 'It leaves the list. It opens again when the rule finds it again.',
  snooze: 'Nobody is told until then. If it still holds then, it is told at once.',
} as const;
const TITLES = { acknowledge: 'Acknowledge', close: 'Close', snooze: 'Snooze' } as const;

/** Each action says what it does, and takes a note for whoever comes later. */
export function FindingActions({
  finding,
}: {
  readonly finding: FindingView;
}): ReactElement | null {
  const [act, setAct] = useState<Act | null>(null);
  if (finding.state === 'closed') return null;
  return (
    <>
      {finding.state === 'open' && (
        <Button icon="check" onClick={() => setAct({ act: 'acknowledge' })}>
          Acknowledge
        </Button>
      )}
      <ChoiceMenu
        trigger={<Button icon="snooze">Snooze</Button>}
        choices={[
          ...SNOOZES.map(({ length, label }) => ({
            label,
            run: () => setAct({ act: 'snooze', for: length }),
          })),
          ...countsBeyond(finding.runsAffected).map((untilRuns) => ({
            label: `until ${plural(untilRuns, 'run')} are affected`,
            run: () => setAct({ act: 'snooze', untilRuns }),
          })),
        ]}
      />
      <Button onClick={() => setAct({ act: 'close' })}>Close</Button>
      <Modal
        isOpen={act !== null}
        setOpen={(isOpen) => {
          if (!isOpen) setAct(null);
        }}
        title={act === null ? '' : `${TITLES[act.act]} this finding`}
      >
        {act !== null && <ActForm finding={finding} act={act} close={() => setAct(null)} />}
      </Modal>
    </>
  );
}

const ROUND_COUNTS = [10, 50, 100, 500, 1_000, 5_000, 10_000];

/** The next round numbers that are worth being told of. */
function countsBeyond(runsAffected: number): readonly number[] {
  const counts = ROUND_COUNTS.filter((count) => count >= runsAffected * 1.5).slice(0, 2);
  return counts.length === 0 ? [runsAffected * 2] : counts;
}

interface ActFormProps {
  readonly finding: FindingView;
  readonly act: Act;
  readonly close: () => void;
}

function ActForm({ finding, act, close }: ActFormProps): ReactElement {
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: ({ act: name, ...rest }: Act) =>
      postJson(`findings/${encodeURIComponent(finding.id)}/${name}`, {
        ...rest,
        ...(note !== '' && { note }),
      }),
    onSuccess: async () => {
      close();
      await client.invalidateQueries();
    },
  });
  return (
    <form
      className={form['form']}
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate(act);
      }}
    >
      <p>{EFFECTS[act.act]}</p>
      <label>
        Note (who, and why)
        <textarea
          rows={3}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      {mutation.error !== null && (
        <p role="alert" className={form['problem']}>
          {asProblem(mutation.error).message}. {asProblem(mutation.error).detail}
        </p>
      )}
      <div className={form['actions']}>
        <Button onClick={close}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={mutation.isPending}>
          {TITLES[act.act]}
        </Button>
      </div>
    </form>
  );
}
