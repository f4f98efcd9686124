import type {
  DocumentRegistry,
  IDocumentWidget
} from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';

import type { IStatus } from './api';
import { relative } from './paths';
import type { Pristine } from './pristine';
import { StatusWatcher } from './statuswatcher';
import type { IDriveSyncModel, IStatusChange } from './tokens';

/** What a person can do to a document with hands; held back while it is read anew. */
const INPUT = [
  'beforeinput',
  'keydown',
  'paste',
  'cut',
  'drop',
  'mousedown',
  'click'
] as const;

/**
 * Reads open documents anew when a run changed their files: JupyterLab itself does not look.
 *
 * A document with a person's unsaved changes is left alone.
 */
export class Reloader extends StatusWatcher {
  constructor(private readonly _options: Reloader.IOptions) {
    super(_options.model);
  }

  /** Read the open documents of a project anew where their files changed. */
  async reload(status: IStatus): Promise<void> {
    const root = status.project.local.path;
    if (root === null) {
      return;
    }
    this._options.refreshBrowsers();
    for (const widget of this._options.documents()) {
      const { context } = widget;
      if (
        !widget.isDisposed &&
        context.isReady &&
        relative(root, context.localPath) !== null
      ) {
        await this._reloadOne(widget);
      }
    }
  }

  protected onStatus(change: IStatusChange): void {
    if (change.after !== null && runEnded(change)) {
      void this.reload(change.after);
    }
  }

  private async _reloadOne(widget: IDocumentWidget): Promise<void> {
    const { context } = widget;
    const { pristine } = this._options;
    if (this._reading.has(context) || !pristine.holds(context)) {
      return;
    }
    this._reading.add(context);
    try {
      const known = context.contentsModel?.last_modified;
      const onDisk = await this._options.contents
        .get(context.path, { content: false })
        .catch(() => null); // gone from the disk: the tab keeps what it shows
      if (
        onDisk === null ||
        known === undefined ||
        Date.parse(onDisk.last_modified) === Date.parse(known) ||
        widget.isDisposed ||
        !pristine.holds(context)
      ) {
        return;
      }
      await revert(widget, () => pristine.remember(context));
    } finally {
      this._reading.delete(context);
    }
  }

  private _reading = new Set<DocumentRegistry.Context>();
}

export namespace Reloader {
  export interface IOptions {
    model: Pick<IDriveSyncModel, 'statusChanged'>;
    contents: Pick<Contents.IManager, 'get'>;
    pristine: Pick<Pristine, 'holds' | 'remember'>;
    /** All open documents. */
    documents: () => Iterable<IDocumentWidget>;
    /** Let the file browsers look again. */
    refreshBrowsers: () => void;
  }
}

/** Whether a run that may have changed files here has ended between two statuses. */
export function runEnded({ before, after }: IStatusChange): boolean {
  return (
    before !== null &&
    after !== null &&
    (before.last_good_sync !== after.last_good_sync ||
      (before.state.word === 'syncing' && after.state.word !== 'syncing'))
  );
}

/** Read a document anew, keeping its place; nothing can be typed into it for that moment. */
async function revert(
  widget: IDocumentWidget,
  done: () => void
): Promise<void> {
  const { node, context } = widget;
  const places = [
    ...node.querySelectorAll('.jp-WindowedPanel-outer, .cm-scroller')
  ].map(element => ({ element, top: element.scrollTop }));
  const active = activeCell(widget);
  const hold = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  for (const type of INPUT) {
    node.addEventListener(type, hold, true);
  }
  try {
    await context.revert();
    done(); // before anything can be typed again
  } finally {
    for (const type of INPUT) {
      node.removeEventListener(type, hold, true);
    }
  }
  if (active !== null) {
    active.restore();
  }
  for (const { element, top } of places) {
    element.scrollTop = top;
  }
}

/** The active cell of a notebook, by its place. */
function activeCell(widget: IDocumentWidget): { restore(): void } | null {
  const content: object = widget.content;
  if (!('activeCellIndex' in content)) {
    return null;
  }
  const notebook = content as { activeCellIndex: number };
  const index = notebook.activeCellIndex;
  return {
    restore: () => {
      notebook.activeCellIndex = index;
    }
  };
}
