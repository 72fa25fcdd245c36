import type { OpenApiDocument } from './openapi.js';

type Schema = Readonly<Record<string, unknown>>;

/** The reference of the API as one page without script: it needs no network, and the strictest CSP lets it. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [operationSection(method, path, operation as Schema)];
    }),
  );
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<section id="schema-${escape(name)}"><h3>${escape(name)}</h3>` +
      `<pre>${escape(JSON.stringify(schema, null, 2))}</pre></section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Throughline API</title>
<link rel="stylesheet" href="docs/style.css">
</head>
<body>
<main>
<h1>Throughline API <small>${escape(document.info.version)}</small></h1>
<p>${escape(document.info.description ?? '')}</p>
<p>The same as <a href="v1/openapi.json">OpenAPI 3.1</a>.</p>
${QUERY_SECTION}
<h2>Operations</h2>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</main>
</body>
</html>
`;
}

const QUERY_SECTION = `<h2>The query language</h2>
<p><code>q</code> takes terms joined by AND:</p>
<pre>status:active workflow:checkout service:x name:"exact words" name:pay* event:payment.*
attr.tenant=acme duration&gt;=200ms error:true key:8123</pre>
<p>An asterisk stands for any characters, in quotes it is an asterisk. What the language cannot express is a 400
whose <code>at</code> points at the place.</p>`;

function operationSection(method: string, path: string, operation: Schema): string {
  const parameters = (operation['parameters'] ?? []) as readonly Schema[];
  const rows = parameters.map(
    (one) =>
      `<tr><td><code>${escape(text(one['name']))}</code></td>` +
      `<td>${escape(kindOf(one['schema'] as Schema | undefined))}</td>` +
      `<td>${escape(descriptionOf(one))}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? ''
      : `<table><thead><tr><th>Parameter</th><th>Kind</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `<section><h3><code>${method.toUpperCase()} ${escape(path)}</code></h3><p>${escape(
    text(operation['summary']),
  )}.${answerLink(operation)}</p>${table}</section>`;
}

function answerLink(operation: Schema): string {
  const found = /"#\/components\/schemas\/(\w+)"/.exec(
    JSON.stringify((operation['responses'] as Schema | undefined)?.['200'] ?? {}),
  );
  const name = found?.[1];
  return name === undefined ? '' : ` Answers with <a href="docs#schema-${name}">${name}</a>.`;
}

function kindOf(schema: Schema | undefined): string {
  if (schema === undefined) return '';
  const inner = schema['type'] === 'array' ? (schema['items'] as Schema) : schema;
  const values = inner['enum'];
  const kind = Array.isArray(values) ? values.join(' | ') : text(inner['type']);
  const fallback = schema['default'] === undefined ? '' : `, else ${text(schema['default'])}`;
  return `${kind}${schema['type'] === 'array' ? ' …' : ''}${fallback}`;
}

function descriptionOf(parameter: Schema): string {
  const own = parameter['description'];
  return text(own ?? (parameter['schema'] as Schema | undefined)?.['description']);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function escape(value: string): string {
  return value.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

export const DOCS_STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#fff, #0e1116); color: light-dark(#14181f, #e8ecf2); }
main { max-width: 60rem; margin: 0 auto; padding: 24px 16px 96px; }
h1 small { font-weight: 400; color: light-dark(#4a5363, #aeb7c4); font-size: 14px; }
h2 { margin-top: 48px; border-bottom: 1px solid light-dark(#7a8596, #6b7686); }
section { margin: 24px 0; }
a { color: light-dark(#4338ca, #a5b4fc); }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: 12px; border-radius: 6px; background: light-dark(#edeff3, #1f2630); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; }
tbody tr { border-top: 1px solid light-dark(#d5dae1, #2b333e); }
`;
