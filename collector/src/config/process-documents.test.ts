import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Flow } from '@throughline/model/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

const DOCUMENTS = fileURLToPath(new URL('../../../fixtures/documents/', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-processes-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function policyWith(...entries: readonly object[]) {
  writeFileSync(join(folder, 'throughline.yaml'), JSON.stringify({ flows: entries }));
  return loadConfig({ flags: {}, env: {}, cwd: folder }).policy;
}

/** What a document of this text declares. */
function declaredBy(kind: string, text: string, beside: object = {}) {
  writeFileSync(join(folder, 'document'), text);
  const { flows, documents } = policyWith({ [kind]: './document', ...beside });
  return { flow: flows[0] as Flow, document: documents?.[0] };
}

function promisesOf(flow: Flow | undefined): string[] {
  return (flow?.expects ?? []).map(
    ({ after, what, withinMs }) => `${after} → ${what ?? ''} ${withinMs / 1_000} s`,
  );
}

function bpmn(body: string): string {
  return `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
<message id="m1" name="order.placed"/><message id="m2" name="stock.arrived"/>
<process id="p">
${body}
</process></definitions>`;
}

/** `a > b` is a sequence flow. */
function flows(...pairs: readonly string[]): string {
  return pairs
    .map((pair, at) => {
      const [from = '', to = ''] = pair.split(' > ');
      return `<sequenceFlow id="f${at}" sourceRef="${from}" targetRef="${to}"/>`;
    })
    .join('\n');
}

const timer = (text: string) =>
  `<timerEventDefinition><timeDuration>${text}</timeDuration></timerEventDefinition>`;

describe('a BPMN process', () => {
  it('promises what no path avoids, and alternatives where paths part', () => {
    const policy = policyWith({ bpmn: join(DOCUMENTS, 'order-fulfilment.bpmn'), within: '30s' });
    const [flow] = policy.flows;
    expect(flow).toMatchObject({
      workflow: 'order-fulfilment',
      startsWith: 'order.placed',
      compensations: new Map([['Charge card', 'Refund card']]),
    });
    expect(promisesOf(flow)).toEqual([
      'order.placed → Reserve stock 30 s',
      'order.placed → Charge card or order.cancelled 60 s',
      'Approve order → Ship parcel or order.cancelled 30 s',
      'Escalate to lead → Ship parcel or order.cancelled 30 s',
      'Ship parcel → order.shipped 30 s',
    ]);
    expect(flow?.ends.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['order.shipped', 'order.cancelled']),
    );
    const notes = policy.documents?.[0]?.understood.map(
      ({ line, text }) => `${line ?? ''} ${text}`,
    );
    expect(notes).toContain('39 "Approve order" waits for a person');
  });

  it('joins parallel branches in the time of all of them', () => {
    const { flow } = declaredBy(
      'bpmn',
      bpmn(`<task id="s" name="S"/><parallelGateway id="split"/><task id="a" name="A"/>
        <task id="b" name="B"/><parallelGateway id="join"/><task id="z" name="Z"/>
        ${flows('s > split', 'split > a', 'split > b', 'a > join', 'b > join', 'join > z')}`),
      { within: '10s' },
    );
    expect(promisesOf(flow)).toEqual(['S → A 10 s', 'S → B 10 s', 'A → Z 30 s', 'B → Z 30 s']);
    expect(flow.ends.map(({ event }) => event)).toEqual(['Z', 'z']);
  });

  it('promises nothing of a wait for a person or a message, but what comes after it', () => {
    const { flow, document } = declaredBy(
      'bpmn',
      bpmn(`<serviceTask id="a" name="Ask"/><userTask id="u" name="Decide"/>
        <intermediateCatchEvent id="c"><messageEventDefinition messageRef="m2"/></intermediateCatchEvent>
        <serviceTask id="z" name="Act"/>${flows('a > u', 'u > c', 'c > z')}`),
      { within: '10s' },
    );
    expect(promisesOf(flow)).toEqual(['stock.arrived → Act 10 s']);
    expect(document?.understood.map(({ text }) => text)).toContain('"Decide" waits for a person');
  });

  it.each([
    ['the timer at it', '<boundaryEvent id="t" attachedToRef="u" cancelActivity="false">', ''],
    ['its due date', '', ' camunda:dueDate="PT1H"'],
  ])('takes the deadline of a person from %s', (_what, boundary, due) => {
    const at = boundary === '' ? '' : `${boundary}${timer('PT1H')}</boundaryEvent>`;
    const { flow } = declaredBy(
      'bpmn',
      bpmn(`<task id="a" name="Ask"/><userTask id="u" name="Decide"${due}/>${at}${flows('a > u')}`),
    );
    expect(promisesOf(flow)).toEqual(['Ask → Decide 3600 s']);
  });

  it('lets a timer end the race for a message', () => {
    const { flow } = declaredBy(
      'bpmn',
      bpmn(`<task id="a" name="Order"/><eventBasedGateway id="g"/>
        <intermediateCatchEvent id="m"><messageEventDefinition messageRef="m2"/></intermediateCatchEvent>
        <intermediateCatchEvent id="t">${timer('PT10M')}</intermediateCatchEvent>
        <task id="r" name="Remind"/>${flows('a > g', 'g > m', 'g > t', 't > r')}`),
      { within: '5s' },
    );
    expect(promisesOf(flow)).toEqual(['Order → stock.arrived or Remind 605 s']);
  });

  it('follows sub-processes, links and circles, and says what it cannot follow', () => {
    const { flow, document } = declaredBy(
      'bpmn',
      bpmn(`<task id="a" name="A"/>
        <subProcess id="sub"><startEvent id="in"/><task id="b" name="B"/>${flows('in > b')}</subProcess>
        <intermediateThrowEvent id="out"><linkEventDefinition name="L"/></intermediateThrowEvent>
        <intermediateCatchEvent id="back"><linkEventDefinition name="L"/></intermediateCatchEvent>
        <task id="c" name="C"/><exclusiveGateway id="x"/><task id="d" name="D"/>
        <serviceTask id="many" name="Many"><multiInstanceLoopCharacteristics/></serviceTask>
        <task id="e" name="E"/>
        ${flows('a > sub', 'sub > out', 'back > c', 'c > x', 'x > c', 'x > d', 'd > many', 'many > e')}`),
      { within: '1s' },
    );
    expect(promisesOf(flow)).toEqual([
      'A → B 1 s',
      'B → C 1 s',
      'C → C or D 1 s',
      'D → Many or E 1 s',
    ]);
    expect(document?.notUnderstood.map(({ text }) => text)).toContain(
      '"Many" happens several times: what follows is not promised',
    );
  });

  it('without any time promises nothing and says what is missing', () => {
    const { flow, document } = declaredBy(
      'bpmn',
      bpmn(`<task id="a" name="A"/>\n<task id="b" name="B"/>${flows('a > b')}`),
    );
    expect(flow.expects).toEqual([]);
    expect(document?.notUnderstood).toContainEqual({
      line: 5,
      text: 'after "A" follows "B", in a time that nothing says: add within or deadline to the entry',
    });
  });

  it.each([
    ['<definitions>', /document:1: is no well-formed XML: unclosed tag/],
    ['<html/>', /document:1: is no BPMN 2.0 document: its root is <html>/],
    [bpmn('<task id="a"/>\n<task id="b></task>'), /document:\d+: is no well-formed XML/],
    [bpmn(`<task id="a"/>\n${flows('a > gone')}`), /document:6: .*names "gone" as its targetRef/],
  ])('is refused with its line when it says %s', (text, reason) => {
    expect(() => declaredBy('bpmn', text)).toThrow(reason);
  });
});

describe('a state machine in Amazon States Language', () => {
  it('promises what follows in the time of its time-outs, attempts and waits', () => {
    const policy = policyWith({ asl: join(DOCUMENTS, 'checkout.asl.json'), within: '30s' });
    const [flow] = policy.flows;
    expect(flow).toMatchObject({
      workflow: 'checkout',
      startsWith: 'ReserveStock',
      deadlineMs: 3_600_000,
    });
    expect(promisesOf(flow)).toEqual([
      'ReserveStock → ChargeCard or ReleaseStock 55 s',
      'PackOrder → Insure or SendMail 15 s',
      'Insure → SendMail 15 s',
      'Insure → SendText 25 s',
      'SendMail → CloseOrder 45 s',
      'SendText → CloseOrder 45 s',
    ]);
    expect(flow?.ends).toContainEqual({ event: 'ReleaseStock', outcome: 'failed' });
    expect(policy.documents?.[0]?.notUnderstood).toEqual([
      {
        line: 23,
        text: '"PackOrder": a heartbeat alone does not say when it ends: add TimeoutSeconds',
      },
    ]);
  });

  it('gives every attempt its time, and every pause', () => {
    const machine = {
      StartAt: 'A',
      States: {
        A: { Type: 'Task', Resource: 'r', TimeoutSeconds: 1, Next: 'B' },
        B: {
          Type: 'Task',
          Resource: 'r',
          TimeoutSeconds: 10,
          Retry: [{ ErrorEquals: ['x'], IntervalSeconds: 2, MaxAttempts: 3, MaxDelaySeconds: 5 }],
          End: true,
        },
      },
    };
    const { flow } = declaredBy('asl', JSON.stringify(machine));
    // Four attempts of 10 s, pauses of 2, 4 and 5 s.
    expect(promisesOf(flow)).toEqual(['A → B 51 s']);
  });

  it('promises the steps of an item, and nothing that waits for the last item', () => {
    const task = { Type: 'Task', Resource: 'r', TimeoutSeconds: 2 };
    const body = { StartAt: 'X', States: { X: { ...task, Next: 'Y' }, Y: { ...task, End: true } } };
    const States = {
      A: { ...task, Next: 'M' },
      M: { Type: 'Map', ItemProcessor: body, Next: 'Z' },
      Z: { ...task, End: true },
    };
    const { flow } = declaredBy('asl', JSON.stringify({ StartAt: 'A', States }));
    expect(promisesOf(flow)).toEqual(['A → X or Z 2 s', 'X → Y 2 s']);
  });

  it.each([
    ['{ "States": {} }', /document:1: is no state machine/],
    ['{\n"StartAt": "A",\n"States": { "A": {', /document:3: /],
    [
      '{ "StartAt": "A", "States": {\n"A": { "Type": "Pass",\n"Next": "Gone" } } }',
      /document:3: Next leads to "Gone", which is no state here/,
    ],
    ['{ "StartAt": "A", "States": {\n"A": { "Type": "Tusk" } } }', /document:2: .*type "Tusk"/],
  ])('is refused with its line when it says %s', (text, reason) => {
    expect(() => declaredBy('asl', text)).toThrow(reason);
  });
});

describe('a Serverless Workflow', () => {
  it('of DSL 1.0 promises tasks and events', () => {
    const policy = policyWith({ serverlessworkflow: join(DOCUMENTS, 'claim.sw.yaml') });
    const [flow] = policy.flows;
    expect(flow).toMatchObject({
      workflow: 'claim-handling',
      startsWith: 'claim.filed',
      deadlineMs: 3 * 86_400_000,
    });
    expect(promisesOf(flow)).toEqual([
      'claim.filed → checkPolicy 20 s',
      'checkPolicy → appraise or claim.handed-over 80 s',
      'appraise → claim.documents-received 86400 s',
      'claim.handed-over → claim.documents-received 86400 s',
      'claim.documents-received → review or claim.paid 30 s',
      'review → claim.paid 20 s',
    ]);
    expect(flow?.ends).toContainEqual({ event: 'claim.paid', outcome: 'completed' });
  });

  it('of version 0.8 promises states and events', () => {
    const [flow] = policyWith({
      serverlessworkflow: join(DOCUMENTS, 'provisioning.sw.json'),
    }).flows;
    expect(flow).toMatchObject({
      workflow: 'provisioning',
      startsWith: 'server.requested',
      deadlineMs: 3_600_000,
      compensations: new Map([['Create', 'Destroy']]),
    });
    expect(promisesOf(flow)).toEqual([
      'server.requested → Create or Apologise 150 s',
      'Create → Deposit 600 s',
      'Deposit → server.ready 3600 s',
    ]);
  });

  it('forks, repeats and raises', () => {
    const call = { call: 'f', timeout: { after: 'PT5S' } };
    const tasks = [
      { a: call },
      { split: { fork: { branches: [{ b: call }, { c: call }] } } },
      { maybe: { ...call, if: '.x' } },
      { each: { for: { each: 'i', in: '.l' }, do: [{ d: call }] } },
      { stop: { raise: { error: 'e' } } },
    ];
    const head = { dsl: '1.0.1', namespace: 'n', name: 'w', version: '1' };
    const { flow } = declaredBy(
      'serverlessworkflow',
      JSON.stringify({ document: head, do: tasks }),
    );
    // Behind `maybe` a list may be empty and the run raise: nothing is certain there.
    expect(promisesOf(flow)).toEqual(['a → b 5 s', 'a → c 5 s']);
  });

  it.each([
    ['a: 1', /document:1: is no Serverless Workflow/],
    ['document: { dsl: 2.0.0 }', /is Serverless Workflow 2.0.0; DSL 1.0 and 0.8 are known/],
    [
      'document: { dsl: 1.0.0, name: w }\ndo:\n  - a:\n      set: {}\n      then: gone',
      /document:3: then leads to "gone"/,
    ],
    ['document: [', /document:1: /],
  ])('is refused with its line when it says %s', (text, reason) => {
    expect(() => declaredBy('serverlessworkflow', text)).toThrow(reason);
  });
});

describe('an entry of flows', () => {
  it.each([
    [{ bpmn: './a', asl: './b' }, /needs exactly one of workflow, asyncapi/],
    [{ bpmn: './a', expect: [] }, /beside bpmn an entry may have workflow, starts/],
    [{ asyncapi: './a', deadline: '5m' }, /a document stands alone/],
    [{ asl: './gone.json' }, /gone.json: the Amazon States Language document cannot be read/],
  ])('%j is refused', (entry, reason) => {
    expect(() => policyWith(entry)).toThrow(reason);
  });

  it('says what its document does not: name, beginning, ends and times', () => {
    const text = readFileSync(join(DOCUMENTS, 'checkout.asl.json'), 'utf8');
    const { flow } = declaredBy('asl', text, {
      workflow: 'web-shop',
      starts: { event: 'order.placed' },
      ends: [{ event: 'order.shipped' }],
      deadline: '2h',
    });
    expect(flow).toMatchObject({
      workflow: 'web-shop',
      startsWith: 'order.placed',
      ends: [{ event: 'order.shipped', outcome: 'completed' }],
      deadlineMs: 7_200_000,
    });
  });
});
