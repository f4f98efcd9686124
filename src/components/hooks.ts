import { useCallback, useEffect, useReducer, useRef, useState } from 'react';

import { asApiError } from '../request';
import type { ApiError } from '../request';
import type { IDriveSyncModel } from '../tokens';

/** Render again whenever the model changes. */
export function useModel(model: Pick<IDriveSyncModel, 'changed'>): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const receiver = {};
    const onChange = () => render();
    model.changed.connect(onChange, receiver);
    return () => {
      model.changed.disconnect(onChange, receiver);
    };
  }, [model]);
}

/** The server's time in ms, anew every second. */
export function useNow(model: Pick<IDriveSyncModel, 'now'>): number {
  const [now, setNow] = useState(model.now);
  useEffect(() => {
    setNow(model.now);
    const timer = window.setInterval(() => setNow(model.now), 1000);
    return () => window.clearInterval(timer);
  }, [model]);
  return now;
}

export interface IDoing {
  busy: boolean;
  error: ApiError | null;
  /** Do one thing at a time; what it throws ends in `error`. */
  start: (work: () => Promise<void>) => void;
  clear: () => void;
}

/** One thing a person asked for, while it runs and when it fails. */
export function useDoing(): IDoing {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef(false);
  const mounted = useMounted();

  const start = useCallback(
    (work: () => Promise<void>) => {
      if (running.current) {
        return;
      }
      running.current = true;
      setBusy(true);
      setError(null);
      work()
        .catch((reason: unknown) => {
          if (mounted.current) {
            setError(asApiError(reason));
          }
        })
        .finally(() => {
          running.current = false;
          if (mounted.current) {
            setBusy(false);
          }
        });
    },
    [mounted]
  );
  const clear = useCallback(() => setError(null), []);
  return { busy, error, start, clear };
}

/** Whether the component is still on the page. */
export function useMounted(): React.MutableRefObject<boolean> {
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  return mounted;
}

export interface ILoaded<T> {
  value: T | null;
  error: ApiError | null;
  loading: boolean;
  again: () => void;
}

/** Load something when `key` changes; the answer to an older key is dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>): ILoaded<T> {
  const [count, again] = useReducer((n: number) => n + 1, 0);
  const [state, setState] = useState<{
    value: T | null;
    error: ApiError | null;
    loading: boolean;
  }>({ value: null, error: null, loading: true });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let dropped = false;
    setState(old => ({ value: old.value, error: null, loading: true }));
    latest.current().then(
      value => {
        if (!dropped) {
          setState({ value, error: null, loading: false });
        }
      },
      (reason: unknown) => {
        if (!dropped) {
          setState({ value: null, error: asApiError(reason), loading: false });
        }
      }
    );
    return () => {
      dropped = true;
    };
  }, [key, count]);
  return { ...state, again };
}
