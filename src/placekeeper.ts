import type { IPlace } from './connectstages';

/**
 * Keeps where the page stood, for as long as the browser's tab lives: the workspace, which is saved
 * a moment later, is too late for a sudden reload. Holds no secret.
 */
export class PlaceKeeper {
  /** @param key - Tells this server's page from that of another one. */
  constructor(private readonly _key: string) {}

  save(place: IPlace): void {
    this._try(storage => {
      storage.setItem(this._key, JSON.stringify(place));
    });
  }

  load(): IPlace {
    return (
      this._try(storage =>
        asPlace(JSON.parse(storage.getItem(this._key) ?? '{}'))
      ) ?? {}
    );
  }

  /** Where the browser keeps nothing, the page begins anew: no harm is done. */
  private _try<T>(work: (storage: Storage) => T): T | null {
    try {
      return work(window.sessionStorage);
    } catch (reason) {
      console.warn('The place on the page is not kept.', reason);
      return null;
    }
  }
}

/** The part of anything that says where the page goes on. */
export function asPlace(value: unknown): IPlace {
  const { flow, connected } = Object(value) as Record<string, unknown>;
  return {
    ...(typeof flow === 'string' ? { flow } : {}),
    ...(typeof connected === 'string' ? { connected } : {})
  };
}
