import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { PartialJSONObject, PartialJSONValue } from '@lumino/coreutils';

/** What a kernel writes into a notebook as soon as it is there: no edit of a person's. */
const KERNEL_METADATA: ReadonlySet<string> = new Set([
  'kernelspec',
  'language_info'
]);

/**
 * Knows which open documents show exactly what was last read from or written to the disk.
 *
 * JupyterLab's own `dirty` is wrong both ways: a kernel that names its language makes a notebook
 * dirty that nobody touched, and what is typed while a save is under way counts as saved.
 */
export class Pristine {
  /** Begin to follow a document. Harmless when repeated. */
  follow(context: DocumentRegistry.Context): void {
    if (this._onDisk.has(context)) {
      return;
    }
    this._onDisk.set(context, null);
    void context.ready.then(() => {
      this.remember(context);
      let saving: string | null = null;
      context.saveState.connect((_, state) => {
        if (state === 'started') {
          saving = print(context);
        } else {
          if (saving !== null && state.startsWith('completed')) {
            this._onDisk.set(context, saving);
          }
          saving = null;
        }
      }, this);
    });
  }

  /** Take what a document shows now for what is on the disk. */
  remember(context: DocumentRegistry.Context): void {
    if (!context.isDisposed) {
      this._onDisk.set(context, print(context));
    }
  }

  /** Whether reading the document anew would lose nothing of a person's. */
  holds(context: DocumentRegistry.Context): boolean {
    if (context.isDisposed) {
      return false;
    }
    const known = this._onDisk.get(context);
    return known === undefined
      ? !context.model.dirty
      : known !== null && known === print(context);
  }

  private readonly _onDisk = new WeakMap<
    DocumentRegistry.Context,
    string | null
  >();
}

/** The document's content, without what a kernel writes. */
function print(context: DocumentRegistry.Context): string {
  const content: PartialJSONValue = context.model.toJSON();
  if (!isObject(content) || !isObject(content.metadata)) {
    return JSON.stringify(content);
  }
  const metadata = Object.fromEntries(
    Object.entries(content.metadata).filter(
      ([key]) => !KERNEL_METADATA.has(key)
    )
  );
  return JSON.stringify({ ...content, metadata });
}

function isObject(value: unknown): value is PartialJSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
