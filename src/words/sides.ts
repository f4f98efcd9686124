/** What the other side is called. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { RemoteKind } from '../api';

/** What the other side is called in a sentence. */
export function otherSide(kind: RemoteKind, trans: TranslationBundle): string {
  return kind === 'drive' ? trans.__('Drive') : trans.__('the other folder');
}

/** Where something on the other side is. */
export function otherPlace(kind: RemoteKind, trans: TranslationBundle): string {
  return kind === 'drive'
    ? trans.__('on Drive')
    : trans.__('in the other folder');
}
