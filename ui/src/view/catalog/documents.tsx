import type { DocumentView } from '@throughline/model/api/catalog';
import type { ReactElement } from 'react';
import page from '../../part/page.module.css';
import { StatusMark } from '../../part/status-mark.js';
import { plural } from '../../theme/format.js';
import css from './catalog.module.css';

const LANGUAGES: Record<DocumentView['kind'], string> = {
  asl: 'Amazon States Language',
  asyncapi: 'AsyncAPI',
  bpmn: 'BPMN',
  eventcatalog: 'EventCatalog',
  serverlessworkflow: 'Serverless Workflow',
};

/** Declared documents, each with what was understood of it and what was not: nothing is left out in silence. */
export function Documents({
  documents,
}: {
  readonly documents: readonly DocumentView[];
}): ReactElement {
  return (
    <ul className={css['documents']}>
      {documents.map((document) => (
        <Document key={document.path} document={document} />
      ))}
    </ul>
  );
}

function Document({ document }: { readonly document: DocumentView }): ReactElement {
  const { path, kind, understood, notUnderstood } = document;
  // In a catalog every file has the same name: the folder tells them apart.
  const name = path
    .split(/[/\\]/)
    .slice(kind === 'eventcatalog' ? -2 : -1)
    .join('/');
  const isWhole = notUnderstood.length === 0;
  return (
    <li>
      <div className={css['documentHead']}>
        <strong title={path}>{name}</strong>
        <span className={page['dim']}>{LANGUAGES[kind]}</span>
        <StatusMark
          mark={isWhole ? 'completed' : 'missing'}
          word={
            isWhole
              ? 'Understood as a whole'
              : `${plural(notUnderstood.length, 'part')} not understood`
          }
        />
      </div>
      {notUnderstood.length > 0 && (
        <Notes notes={notUnderstood} label={`Not understood of ${name}`} />
      )}
      {understood.length > 0 && (
        <details>
          <summary>What was understood ({understood.length})</summary>
          <Notes notes={understood} label={`Understood of ${name}`} />
        </details>
      )}
    </li>
  );
}

interface NotesProps {
  readonly notes: DocumentView['understood'];
  readonly label: string;
}

function Notes({ notes, label }: NotesProps): ReactElement {
  return (
    <ul className={css['notes']} aria-label={label}>
      {notes.map(({ line, text }, index) => (
        <li key={index}>
          {line !== null && <span className={page['dim']}>line {line}</span>}
          <span className={line === null ? css['whole'] : undefined}>{text}</span>
        </li>
      ))}
    </ul>
  );
}
