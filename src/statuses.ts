/** Statuses that overtake each other. Pure. */
import type { IStatus } from './api';

/** The one of two statuses that the server made later: answers can overtake each other. */
export function latest(known: IStatus | null, fetched: IStatus): IStatus {
  return known &&
    Date.parse(known.server_time) > Date.parse(fetched.server_time)
    ? known
    : fetched;
}
