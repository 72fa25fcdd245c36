import {
  LineCounter,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
} from 'yaml';
import { Fault } from '../errors.js';

/** Where a value stands: keys and indexes from the top. */
export type Place = readonly (string | number)[];
export type Env = Readonly<Record<string, string | undefined>>;

/** A YAML document that knows the line and column of each of its values. */
export class ConfigDocument {
  readonly path: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** @throws Fault BAD_CONFIG with line and column when the text is no YAML. */
  constructor(path: string, text: string) {
    this.path = path;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      merge: true,
    });
    const [error] = this.#document.errors;
    if (error) throw new Fault('BAD_CONFIG', `${this.#at(error.pos[0])}: ${error.message}`);
  }

  /**
   * The values, `${env:NAME:-default}` filled in (the collector syntax of OpenTelemetry; `$$` is a plain `$`).
   * @throws Fault BAD_CONFIG when a variable without default is not set.
   */
  values(env: Env): unknown {
    visit(this.#document, {
      Scalar: (_key, node) => {
        if (typeof node.value !== 'string' || !node.value.includes('$')) return;
        const at = node.range?.[0] ?? 0;
        node.value = fillIn(node.value, env, (name) => {
          throw new Fault(
            'BAD_CONFIG',
            `${this.#at(at)}: environment variable ${name} is not set; set it or give a default: \${env:${name}:-default}`,
          );
        });
      },
    });
    return this.#document.toJS({ maxAliasCount: 100 }) ?? {};
  }

  /** `path:line:column` of the value at the place, or of the nearest thing around it. */
  at(place: Place): string {
    for (let length = place.length; length > 0; length--) {
      const offset = this.#offset(place.slice(0, length));
      if (offset !== undefined) return this.#at(offset);
    }
    return this.path;
  }

  /** True when the document itself holds something at the place (and not the environment or a flag). */
  has(place: Place): boolean {
    return this.#document.hasIn(place);
  }

  #offset(place: Place): number | undefined {
    const parent = this.#document.getIn(place.slice(0, -1), true);
    const last = place.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find((each) => isScalar(each.key) && each.key.value === last);
      return isPair(pair) && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
    }
    if (!isSeq(parent) || typeof last !== 'number') return undefined;
    const element: unknown = parent.items[last];
    const range = (element as { range?: readonly number[] } | undefined)?.range;
    return range?.[0];
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.path}:${line}:${col}`;
  }
}

const REFERENCE = /\$\$|\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

function fillIn(value: string, env: Env, missing: (name: string) => never): string {
  return value.replace(
    REFERENCE,
    (whole, name: string | undefined, fallback: string | undefined) => {
      if (name === undefined) return whole === '$$' ? '$' : whole;
      const given = env[name];
      return given !== undefined && given !== '' ? given : (fallback ?? given ?? missing(name));
    },
  );
}
