import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSplitter, type JsonPiece, type SplitOptions } from './json-splitter.js';

interface Split {
  readonly pieces: readonly JsonPiece[];
  readonly values: readonly unknown[];
  readonly problems: readonly string[];
}

function split(text: string, options: Partial<SplitOptions> = {}, chunkBytes = 7): Split {
  const problems: string[] = [];
  const splitter = new JsonSplitter({
    unwrap: null,
    isLines: false,
    pieceBytesMax: 1_000_000,
    onProblem: (line, what) => problems.push(`${line} ${what}`),
    ...options,
  });
  const bytes = Buffer.from(text);
  const pieces: JsonPiece[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    pieces.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  }
  pieces.push(...splitter.end());
  const values = pieces.map((piece) => JSON.parse(Buffer.from(piece.bytes).toString()) as unknown);
  return { pieces, values, problems };
}

describe('a JSON file comes apart', () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
  const writings = fc.tuple(objects, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 2));
  const parsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('whatever is in it, and wherever the chunks end: a list into its elements', () => {
    fc.assert(
      fc.property(writings, ([list, chunk, indent]) => {
        const { values, problems } = split(JSON.stringify(list, null, indent), {}, chunk);
        expect(values).toEqual(parsed(list));
        expect(problems).toEqual([]);
      }),
    );
  });

  it('documents one after the other, each a piece with its line', () => {
    fc.assert(
      fc.property(writings, ([list, chunk]) => {
        const text = list.map((each) => JSON.stringify(each)).join('\n\n');
        const { values, pieces, problems } = split(text, { isLines: true }, chunk);
        expect(values).toEqual(parsed(list));
        expect(pieces.map(({ line }) => line)).toEqual(list.map((_each, index) => 1 + 2 * index));
        expect(problems).toEqual([]);
      }),
    );
  });

  it('the wanted list out of documents with other members around it', () => {
    fc.assert(
      fc.property(writings, fc.jsonValue(), ([list, chunk, indent], other) => {
        const document = { before: other, list, after: [other, { list: [1] }] };
        const text = `${JSON.stringify(document, null, indent)}\n${JSON.stringify({ list })}`;
        const { values, problems } = split(text, { unwrap: 'list' }, chunk);
        expect(values).toEqual([...(parsed(list) as []), ...(parsed(list) as [])]);
        expect(problems).toEqual([]);
      }),
    );
  });

  it('lists of lists are one list', () => {
    expect(split('[[{"a":1},{"a":2}],[],[{"a":3}]]').values).toEqual([
      { a: 1 },
      { a: 2 },
      { a: 3 },
    ]);
  });
});

describe('what is broken costs nothing else', () => {
  it('a line that was cut off, and one that is no JSON, where every line is a document', () => {
    const text = '{"l":[{"a":1},{"a":2}\n{"l":[{"a":3}]}\nnonsense\n{"l":[{"a":4}]}\n{"x":1}\n';
    const { values, problems } = split(text, { unwrap: 'l', isLines: true });
    expect(values).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
    expect(problems).toEqual([
      '1 is no whole JSON: it ends in the middle',
      '3 is not JSON',
      '5 has no l',
    ]);
  });

  it('elements that are no objects are told with their number', () => {
    const { pieces, problems } = split('[1, "],{", {"a":1}, null]');
    expect(pieces.map(({ index }) => index)).toEqual([2]);
    expect(problems).toEqual([
      '1 [0] is not an object',
      '1 [1] is not an object',
      '1 [3] is not an object',
    ]);
  });

  it('a document that ends in the middle gives what it had', () => {
    const { values, problems } = split('[{"a":1},\n{"a":2},\n{"a":');
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(problems).toEqual(['3 is no whole JSON: it ends in the middle']);
  });

  it('a value larger than may be held is skipped, and the next one is not', () => {
    const options = { pieceBytesMax: 1_048_576 };
    const text = `[{"a":"${'x'.repeat(1_100_000)}"},{"a":2}]`;
    const { values, problems } = split(text, options, 65_536);
    expect(values).toEqual([{ a: 2 }]);
    expect(problems).toEqual(['1 holds one value of more than 1 MiB']);
  });
});
