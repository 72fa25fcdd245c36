import type {
  CorrectionView,
  LearnedView,
  WorkflowDetail as Detail,
} from '@throughline/model/api/catalog';
import { useState, type ReactElement } from 'react';
import { Button } from '../../part/button.js';
import { ChoiceMenu, Modal } from '../../part/overlay.js';
import page from '../../part/page.module.css';
import { StatusMark } from '../../part/status-mark.js';
import { Age } from '../../part/time.js';
import { formatDuration, formatShare, plural } from '../../theme/format.js';
import type { StatusMarkName } from '../../theme/status.js';
import css from './catalog.module.css';
import { CorrectForm, type Decision } from './correct-form.js';

const STATES: Record<LearnedView['state'], readonly [StatusMarkName, string]> = {
  learned: ['completed', 'Expected'],
  learning: ['running', 'Learning'],
  uncertain: ['unknown', 'At times'],
  'not-expected': ['cancelled', 'Not expected'],
};
const SHOWN_FIRST = 8;

/** What runs taught, and what people say over it: every reaction can be corrected, forgotten and restored. */
export function LearnedReactions({ detail }: { readonly detail: Detail }): ReactElement {
  const [decision, setDecision] = useState<Decision | null>(null);
  const [done, setDone] = useState('');
  const { name, learned, corrections } = detail;
  return (
    <section aria-label="Learned">
      <Head detail={detail} decide={setDecision} />
      <p role="status" className={css['done']}>
        {done !== '' && <StatusMark mark="completed" word={done} />}
      </p>
      <Reactions learned={learned} decide={setDecision} />
      <Gone corrections={corrections} learned={learned} decide={setDecision} />
      <Modal
        isOpen={decision !== null}
        setOpen={(isOpen) => {
          if (!isOpen) setDecision(null);
        }}
        title={decision === null ? '' : titleOf(decision, name)}
      >
        {decision !== null && (
          <CorrectForm
            workflow={name}
            decision={decision}
            cancel={() => setDecision(null)}
            done={(text) => {
              setDecision(null);
              setDone(text);
            }}
          />
        )}
      </Modal>
    </section>
  );
}

type Decide = (decision: Decision) => void;

function Head({ detail, decide }: { readonly detail: Detail; readonly decide: Decide }) {
  const { learned, corrections } = detail;
  const whole = corrections.find(({ reaction }) => reaction === null);
  const isForgotten = whole !== undefined && whole.forgottenBefore !== null;
  return (
    <>
      <div className={css['sectionHead']}>
        <h3>
          Learned{' '}
          <span className={page['dim']}>
            {learned.length > 0 && plural(learned.length, 'reaction')}
          </span>
        </h3>
        {isForgotten && (
          <Button isSmall onClick={() => decide({ act: 'restore', reaction: null })}>
            Remember again
          </Button>
        )}
        {learned.length > 0 && (
          <Button isSmall onClick={() => decide({ act: 'reset', reaction: null })}>
            Forget all
          </Button>
        )}
      </div>
      {isForgotten && (
        <p className={css['said']}>
          What runs did before was forgotten. <Said correction={whole} />
        </p>
      )}
      {learned.length === 0 && (
        <p className={page['muted']}>
          Nothing {isForgotten ? 'since then' : 'yet'}: what nearly always follows is expected from
          some twenty runs on.
        </p>
      )}
    </>
  );
}

interface ReactionsProps {
  readonly learned: readonly LearnedView[];
  readonly decide: Decide;
}

function Reactions({ learned, decide }: ReactionsProps): ReactElement {
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? learned : learned.slice(0, SHOWN_FIRST);
  return (
    <>
      <ul className={css['reactions']}>
        {shown.map((reaction) => (
          <Reaction key={reaction.id} reaction={reaction} decide={decide} />
        ))}
      </ul>
      {learned.length > shown.length && (
        <Button isSmall kind="quiet" onClick={() => setShowsAll(true)}>
          Show all {learned.length}
        </Button>
      )}
    </>
  );
}

function titleOf({ act, reaction }: Decision, workflow: string): string {
  const what = reaction === null ? `what ${workflow} taught` : nameOf(reaction);
  switch (act) {
    case 'deadline':
      return `Set the deadline of ${what}`;
    case 'not-expected':
      return `Expect no longer: ${what}`;
    case 'reset':
      return `Forget ${what}`;
    case 'restore':
      return `Take back what was said of ${what}`;
  }
}

function nameOf({ after, what, by, kind }: Omit<LearnedView, keyof LearnedFigures>): string {
  return kind === 'take' ? `${after} → ${by ?? 'somebody'}` : `${after} → ${what}`;
}

type LearnedFigures = Omit<LearnedView, 'after' | 'what' | 'by' | 'kind' | 'id' | 'destination'>;

interface ReactionProps {
  readonly reaction: LearnedView;
  readonly decide: Decide;
}

function Reaction({ reaction, decide }: ReactionProps): ReactElement {
  const { kind, after, what, by, state, correction, condition } = reaction;
  const [mark, word] = STATES[state];
  const isCorrected =
    correction !== null &&
    (correction.deadlineMs !== null || !correction.expected || correction.forgottenBefore !== null);
  return (
    <li>
      <StatusMark mark={mark} word={word} isTinted />
      <div className={css['reaction']}>
        <p>
          After <strong>{after}</strong>, {by ?? 'somebody'}{' '}
          {kind === 'take' ? (
            <strong>takes it</strong>
          ) : (
            <>
              sends <strong>{what}</strong>
            </>
          )}
          {condition !== null && (
            <>
              {condition.except ? ', unless ' : ', where '}
              <code>
                {condition.attribute} = {condition.values.join(' or ')}
              </code>
            </>
          )}
        </p>
        <p className={page['dim']}>{figuresOf(reaction)}</p>
        {isCorrected && (
          <p className={css['said']}>
            {effectOf(correction)} <Said correction={correction} />
          </p>
        )}
      </div>
      <ChoiceMenu
        trigger={
          <Button isSmall icon="down" aria-label={`Correct ${nameOf(reaction)}`}>
            Correct
          </Button>
        }
        choices={[
          { label: 'Set the deadline', run: () => decide({ act: 'deadline', reaction }) },
          ...(state === 'not-expected'
            ? []
            : [
                {
                  label: 'It need not follow',
                  run: () => decide({ act: 'not-expected', reaction }),
                },
              ]),
          { label: 'Forget and learn anew', run: () => decide({ act: 'reset', reaction }) },
          ...(isCorrected
            ? [{ label: 'Take back', run: () => decide({ act: 'restore', reaction }) }]
            : []),
        ]}
      />
    </li>
  );
}

function figuresOf(reaction: LearnedView): string {
  const { share, shareOfAll, samples, runs, p50Ms, p99Ms, deadlineMs, state, condition } = reaction;
  const usual =
    p50Ms === null || p99Ms === null
      ? []
      : [
          `usually ${soon(p50Ms)}, 99 of 100 ${p99Ms < 1 ? 'at once' : `within ${formatDuration(p99Ms)}`}`,
        ];
  return [
    `${formatShare(share)} of ${plural(samples, 'sample')} in ${plural(runs, 'run')}`,
    ...(condition === null ? [] : [`${formatShare(shareOfAll)} of all`]),
    ...usual,
    ...(state === 'learned' ? [`overdue after ${formatDuration(deadlineMs)}`] : []),
  ].join(' · ');
}

function soon(ms: number): string {
  return ms < 1 ? 'at once' : formatDuration(ms);
}

function effectOf({ deadlineMs, expected, forgottenBefore }: CorrectionView): string {
  const forgotten = forgottenBefore === null ? '' : ' What runs did before was forgotten.';
  if (!expected) return `It need not follow.${forgotten}`;
  return deadlineMs === null
    ? forgotten.trim()
    : `The deadline is ${formatDuration(deadlineMs)}.${forgotten}`;
}

function Said({ correction }: { readonly correction: CorrectionView }): ReactElement {
  const { actor, note, at } = correction;
  return (
    <span className={page['dim']}>
      {actor}, <Age at={at} /> ago{note !== null && `: ${note}`}
    </span>
  );
}

interface GoneProps {
  readonly corrections: readonly CorrectionView[];
  readonly learned: readonly LearnedView[];
  readonly decide: Decide;
}

/** Corrections of reactions that are not in the list, for they were forgotten and have not been seen since. */
function Gone({ corrections, learned, decide }: GoneProps): ReactElement | null {
  const ids = new Set(learned.map(({ id }) => id));
  const gone = corrections.filter(
    ({ reaction, forgottenBefore, deadlineMs, expected }) =>
      reaction !== null &&
      !ids.has(reaction.id) &&
      (forgottenBefore !== null || deadlineMs !== null || !expected),
  );
  if (gone.length === 0) return null;
  return (
    <ul className={css['reactions']} aria-label="Not seen since">
      {gone.map((correction) => {
        const { reaction } = correction;
        if (reaction === null) return null;
        return (
          <li key={reaction.id}>
            <StatusMark mark="unknown" word="Not seen since" isTinted />
            <div className={css['reaction']}>
              <p>{nameOf(reaction)}</p>
              <p className={css['said']}>
                {effectOf(correction)} <Said correction={correction} />
              </p>
            </div>
            <Button isSmall onClick={() => decide({ act: 'restore', reaction })}>
              Take back
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
