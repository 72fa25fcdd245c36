import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CorrectionView, WorkflowDetail } from '@throughline/model/api/catalog';
import { parseDurationMs } from '@throughline/model/time';
import { useState, type ReactElement } from 'react';
import { asProblem } from '../../api/problem.js';
import { workflowQuery } from '../../api/queries.js';
import { postJson } from '../../api/request.js';
import { Button } from '../../part/button.js';
import form from '../../part/form.module.css';
import { setPreferences, usePreferences } from '../../theme/preferences.js';

/** What somebody is about to say; of one reaction, or (null) of all that the workflow taught. */
export interface Decision {
  readonly act: 'deadline' | 'not-expected' | 'reset' | 'restore';
  readonly reaction: NonNullable<CorrectionView['reaction']> | null;
}

const EFFECTS: Record<Decision['act'], string> = {
  deadline: 'Runs that wait are judged by this deadline from now on, those that wait already too.',
  'not-expected': 'Nothing is promised here any more. What was overdue is closed.',
  reset:
    'What runs did so far teaches nothing more. Until enough of them have shown it again, nobody is said to be late here.',
  restore: 'It is as if nobody had said anything: what runs taught holds again.',
};
const LABELS: Record<Decision['act'], string> = {
  deadline: 'Set the deadline',
  'not-expected': 'Expect no longer',
  reset: 'Forget',
  restore: 'Take back',
};
const DONE: Record<Decision['act'], string> = {
  deadline: 'The deadline is set',
  'not-expected': 'It is not expected any more',
  reset: 'Forgotten: it is learned anew',
  restore: 'Taken back',
};

interface CorrectFormProps {
  readonly workflow: string;
  readonly decision: Decision;
  readonly cancel: () => void;
  /** Told in a sentence what came of it. */
  readonly done: (text: string) => void;
}

export function CorrectForm(props: CorrectFormProps): ReactElement {
  const { decision, cancel } = props;
  const { act } = decision;
  const { actor: known } = usePreferences();
  const [said, setSaid] = useState<Said>({ actor: known, note: '', deadline: '' });
  const mutation = useDecision(props, said);
  const isReady =
    said.actor.trim() !== '' &&
    (act !== 'deadline' || parseDurationMs(said.deadline) !== undefined);
  return (
    <form
      className={form['form']}
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate();
      }}
    >
      <p>{EFFECTS[act]}</p>
      <Fields act={act} said={said} say={(more) => setSaid({ ...said, ...more })} />
      {mutation.error !== null && (
        <p role="alert" className={form['problem']}>
          {asProblem(mutation.error).message}. {asProblem(mutation.error).detail}
        </p>
      )}
      <div className={form['actions']}>
        <Button onClick={cancel}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!isReady || mutation.isPending}>
          {LABELS[act]}
        </Button>
      </div>
    </form>
  );
}

interface Said {
  readonly actor: string;
  readonly note: string;
  readonly deadline: string;
}

function useDecision({ workflow, decision, done }: CorrectFormProps, said: Said) {
  const { act } = decision;
  const { actor, note, deadline } = said;
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      postJson<WorkflowDetail>(pathOf(workflow, decision), {
        actor,
        ...(note !== '' && { note }),
        ...(act === 'deadline' && { deadline }),
        ...(act === 'not-expected' && { expected: false }),
      }),
    onSuccess: async (detail) => {
      setPreferences({ actor });
      client.setQueryData(workflowQuery(workflow).queryKey, detail);
      done(DONE[act]);
      await client.invalidateQueries();
    },
  });
}

interface FieldsProps {
  readonly act: Decision['act'];
  readonly said: Said;
  readonly say: (more: Partial<Said>) => void;
}

function Fields({ act, said, say }: FieldsProps): ReactElement {
  return (
    <>
      {act === 'deadline' && (
        <label>
          Deadline
          <input
            value={said.deadline}
            onChange={(event) => say({ deadline: event.target.value })}
            placeholder="5m"
            required
          />
          <span className={form['hint']}>Such as 30s, 5m, 4h or 2d</span>
        </label>
      )}
      <label>
        Who decides this
        <input
          value={said.actor}
          onChange={(event) => say({ actor: event.target.value })}
          maxLength={200}
          autoComplete="name"
          required
        />
      </label>
      <label>
        Why
        <textarea
          rows={2}
          maxLength={2000}
          value={said.note}
          onChange={(event) => say({ note: event.target.value })}
        />
      </label>
    </>
  );
}

function pathOf(workflow: string, { act, reaction }: Decision): string {
  const verb = act === 'reset' || act === 'restore' ? act : 'correct';
  const of = reaction === null ? '' : `/learned/${encodeURIComponent(reaction.id)}`;
  return `workflows/${encodeURIComponent(workflow)}${of}/${verb}`;
}
