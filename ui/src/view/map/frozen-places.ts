import { useMemo, useRef, useState } from 'react';
import type { MapView } from '@throughline/model/api/map';
import { layOut } from '../../graph/layout.js';
import type { Place } from '../../graph/graph.js';
import { sizedNodes } from './map-scene.js';

const STORAGE_KEY = 'throughline.map-places.2';
/** How long a node that joined counts as new. */
const NEW_MS = 60_000;

function storedPlaces(): Map<string, Place> {
  try {
    const entries = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]') as [string, Place][];
    return new Map(entries);
  } catch {
    return new Map();
  }
}

function store(places: ReadonlyMap<string, Place>): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify([...places]));
  } catch {
    // Without storage the places last as long as the page.
  }
}

export interface FrozenPlaces {
  readonly places: ReadonlyMap<string, Place>;
  readonly fresh: ReadonlySet<string>;
  /** Counts how often it was tidied; the picture is then fitted anew. */
  readonly tidied: number;
  readonly tidy: () => void;
}

/** Where each node is, over reloads and updates; only `tidy` ever moves one. */
export function useFrozenPlaces(map: MapView): FrozenPlaces {
  const frozen = useRef<Map<string, Place>>(null);
  const seenAt = useRef(new Map<string, number>());
  const [tidied, setTidied] = useState(0);
  const topology = [
    ...map.nodes.map(({ id }) => id),
    ...map.edges.map(({ from, to }) => `${from} ${to}`),
  ]
    .sort()
    .join('\n');
  const laidOut = useMemo(() => {
    const known = frozen.current ?? storedPlaces();
    // Places of other nodes stay known, so that a filter that is taken off finds everything where it was.
    const places = layOut(sizedNodes(map), map.edges, known);
    const isFirst = frozen.current === null;
    for (const id of places.keys()) {
      if (!seenAt.current.has(id)) seenAt.current.set(id, isFirst ? 0 : Date.now());
    }
    frozen.current = new Map([...known, ...places]);
    store(frozen.current);
    return places;
    // The map itself changes every second; only its topology matters here.
  }, [topology, tidied]);
  const now = Date.now();
  const fresh = new Set(
    [...seenAt.current].filter(([, at]) => now - at < NEW_MS).map(([id]) => id),
  );
  const tidy = () => {
    frozen.current = new Map();
    setTidied((count) => count + 1);
  };
  return { places: laidOut, fresh, tidied, tidy };
}
