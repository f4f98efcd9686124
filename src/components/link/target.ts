/** What the person chose as the other side. Pure. */
import type { RemoteKind } from '../../api';
import { join } from '../../paths';

export type Target =
  | {
      kind: 'remote';
      /** The remote's name in rclone's configuration. */
      name: string;
      /** What stands behind it. */
      type: RemoteKind;
      /** The folder that is open. */
      path: string;
      /** A new folder below it; may be empty. */
      folder: string;
    }
  | { kind: 'folder'; path: string };

/** The remote as the server half takes it; null while something is missing. */
export function targetSpec(target: Target | null): string | null {
  if (target === null) {
    return null;
  }
  if (target.kind === 'folder') {
    return target.path.trim() || null;
  }
  const below = target.folder.trim().replace(/^\/+|\/+$/g, '');
  return `${target.name}:${join(target.path, below)}`;
}

/** What stands behind the other side. */
export function targetKind(target: Target): RemoteKind {
  return target.kind === 'folder' ? 'folder' : target.type;
}
