import type { ISignal } from '@lumino/signaling';
import { useEffect, useReducer } from 'react';

/** Render again whenever something says that it changed. */
export function useChanges<T>(source: { changed: ISignal<T, void> }): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const receiver = {};
    const onChange = () => render();
    source.changed.connect(onChange, receiver);
    render(); // it may have changed before it was listened to
    return () => {
      source.changed.disconnect(onChange, receiver);
    };
  }, [source]);
}
