import type { LiveDelta, LiveView } from '@throughline/model/socket-events';

/** Views that are lists: their deltas name the entries that changed. `dead-letters` has no ids of its own. */
const LISTS: ReadonlySet<LiveView> = new Set<LiveView>(['runs', 'findings']);

/** What the viewers of a view have on screen, as text, so that the next reading can be compared with it. */
export class ViewState {
  readonly #isList: boolean;
  #body: unknown;
  #whole = '';
  #items = new Map<string, string>();

  constructor(view: LiveView, body: unknown) {
    this.#isList = LISTS.has(view);
    this.advance(body);
  }

  get body(): unknown {
    return this.#body;
  }

  /** Takes the new reading. @returns what turns the old one into it; undefined when they are the same. */
  advance(body: unknown): LiveDelta | undefined {
    this.#body = body;
    return this.#isList ? this.#advanceList(body) : this.#advanceWhole(body);
  }

  #advanceWhole(body: unknown): LiveDelta | undefined {
    const text = JSON.stringify(body);
    if (text === this.#whole) return undefined;
    this.#whole = text;
    return { replace: body };
  }

  #advanceList(body: unknown): LiveDelta | undefined {
    const items = new Map<string, string>();
    const upsert: unknown[] = [];
    for (const item of itemsOf(body)) {
      const text = JSON.stringify(item);
      items.set(item.id, text);
      if (this.#items.get(item.id) !== text) upsert.push(item);
    }
    const remove = [...this.#items.keys()].filter((id) => !items.has(id));
    this.#items = items;
    return upsert.length === 0 && remove.length === 0 ? undefined : { upsert, remove };
  }
}

function itemsOf(body: unknown): readonly { readonly id: string }[] {
  return (body as { items: readonly { id: string }[] }).items;
}
