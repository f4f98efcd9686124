/** Paths of the contents API and of projects. Pure. */
import type { IStatus } from './api';

/** A path of the contents API without drive name and outer slashes. */
export function plain(path: string): string {
  const colon = path.indexOf(':');
  const slash = path.indexOf('/');
  const local =
    colon > 0 && (slash < 0 || colon < slash) ? path.slice(colon + 1) : path;
  return local.replace(/^\/+|\/+$/g, '');
}

/** The path relative to a folder; null when it lies outside. */
export function relative(folder: string, path: string): string | null {
  const root = plain(folder);
  const inner = plain(path);
  if (root === '' || inner === root) {
    return inner === root ? '' : inner;
  }
  return inner.startsWith(`${root}/`) ? inner.slice(root.length + 1) : null;
}

/** Where a project's file stands in the contents API; null when it cannot be reached there. */
export function contentsPath(status: IStatus, path: string): string | null {
  const root = status.project.local.path;
  if (root === null) {
    return null;
  }
  return plain(root) === '' ? path : `${plain(root)}/${path}`;
}

/** The project that holds a path of the contents API, the innermost one. */
export function containing(
  projects: readonly IStatus[],
  path: string
): IStatus | null {
  let best: IStatus | null = null;
  for (const status of projects) {
    const root = status.project.local.path;
    if (
      root !== null &&
      relative(root, path) !== null &&
      root.length >= (best?.project.local.path?.length ?? 0)
    ) {
      best = status;
    }
  }
  return best;
}

/** The last part of a path. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Everything before the last part, without the slash. */
export function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Two path parts joined; either may be empty. */
export function join(folder: string, name: string): string {
  if (folder === '' || name === '') {
    return folder || name;
  }
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}
