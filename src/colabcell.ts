/**
 * The cell that connects a notebook in Colab with its project: where it goes, and what of an older
 * one stays.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IColabCell, IStatus } from './api';
import { ApiError } from './request';
import type { IDriveSyncModel } from './tokens';

/** What became of a notebook's Colab cell. */
export type Placed = 'inserted' | 'updated' | 'unchanged';

type Notebook = INotebookModel['sharedModel'];

/** One argument of a call: where its text stands in the source. */
interface IArgument {
  name: string | null;
  /** The text without the name. */
  value: string;
  start: number;
  end: number;
}

/** The statement `... = connect(...)` of a cell. */
interface IConnectCall {
  start: number;
  end: number;
  arguments: IArgument[];
}

const CALL = /^[ \t]*(?:\w+[ \t]*=[ \t]*)?connect\(/m;
const NAME = /^([A-Za-z_]\w*)\s*=(?!=)\s*/;
const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
/** What the product says in the call; all else is the person's. */
const OURS: ReadonlySet<string | null> = new Set([
  'name',
  'notebook',
  'notebook_id'
]);
/** By which the cell is found again. */
const TAG = 'drive-sync';

/**
 * Bring the text of an older cell up to date.
 *
 * The way to the companion is renewed. The call of `connect` stays as the person has it, when it is
 * for the same folder, but for the names of project and notebook; so does what follows it.
 *
 * @param old - The cell as it stands in the notebook.
 * @param fresh - The cell as it would be made now.
 * @returns The text; null where `old` holds no such call, and so is not for us to change.
 */
export function renewCell(old: string, fresh: string): string | null {
  if (old.trim() === '') {
    return fresh;
  }
  const before = connectCall(old);
  const now = connectCall(fresh);
  if (before === null || now === null) {
    return null;
  }
  const call =
    folderOf(before) === folderOf(now)
      ? renamed(old, before, now)
      : fresh.slice(now.start, now.end);
  return fresh.slice(0, now.start) + call + old.slice(before.end);
}

/** Find the text of the Colab cell among cells; null where there is none. */
export function cellText(
  cells: readonly {
    cell_type: string;
    source: string | readonly string[];
    metadata?: { tags?: unknown };
  }[]
): string | null {
  const found = cells.find(
    ({ cell_type, metadata }) =>
      cell_type === 'code' &&
      Array.isArray(metadata?.tags) &&
      metadata.tags.includes(TAG)
  );
  const source = found?.source ?? null;
  return source === null || typeof source === 'string'
    ? source
    : source.join('');
}

/**
 * Say whether a Colab cell was made for another notebook than this: for one of another name, or for
 * the one of which this is a copy; or before cells told the id.
 *
 * @param path - The notebook's path in the project.
 * @param fileId - Its id on Drive.
 */
export function isOfAnother(
  source: string,
  path: string,
  fileId: string
): boolean {
  const call = connectCall(source);
  const said = (name: string) =>
    call?.arguments.find(one => one.name === name)?.value;
  return (
    said('notebook') !== undefined &&
    (said('notebook') !== JSON.stringify(path) ||
      said('notebook_id') !== JSON.stringify(fileId))
  );
}

/** Say whether an open notebook may be changed. */
export function isWritable(
  context: DocumentRegistry.IContext<INotebookModel>
): boolean {
  return !context.model.readOnly && context.contentsModel?.writable !== false;
}

/** Put the cell into a notebook: in place of the one with its tag, else first. */
export function placeCell(notebook: Notebook, cell: IColabCell): Placed {
  const { source, tag } = cell;
  const at = notebook.cells.findIndex(
    one => one.cell_type === 'code' && tagsOf(one).includes(tag)
  );
  const found = at < 0 ? null : notebook.getCell(at);
  const renewed = found === null ? null : renewCell(found.getSource(), source);
  if (found !== null && renewed === found.getSource()) {
    return 'unchanged';
  }
  notebook.transact(() => {
    if (found !== null && renewed !== null) {
      found.setSource(renewed);
      return;
    }
    if (found !== null) {
      // Somebody has made another cell of it: it is theirs, and stays.
      const rest = tagsOf(found).filter(one => one !== tag);
      found.setMetadata('tags', rest);
    }
    notebook.insertCell(0, {
      cell_type: 'code',
      source,
      metadata: { tags: [tag] }
    });
  });
  return renewed === null ? 'inserted' : 'updated';
}

/**
 * Put the cell into an open notebook, and save it.
 *
 * Nothing is run. What else the person has changed in the notebook is saved along.
 */
export async function insertCell(
  model: Pick<IDriveSyncModel, 'api'>,
  target: { status: IStatus; path: string },
  context: DocumentRegistry.IContext<INotebookModel>,
  trans: TranslationBundle
): Promise<Placed> {
  await context.ready;
  if (!isWritable(context)) {
    throw new ApiError(
      {
        code: 'read_only',
        message: trans.__('This notebook cannot be written to.'),
        hint: trans.__('Save it under another name in the project first.')
      },
      0
    );
  }
  const cell = await model.api.makeCell(target.status.project.id, target.path);
  const placed = placeCell(context.model.sharedModel, cell);
  if (context.model.dirty) {
    await context.save();
  }
  return placed;
}

function tagsOf(cell: Notebook['cells'][number]): string[] {
  const tags = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.map(String) : [];
}

/** Find the call of `connect`; null where there is none, or none that is whole. */
function connectCall(source: string): IConnectCall | null {
  const match = CALL.exec(source);
  if (match === null) {
    return null;
  }
  const list: IArgument[] = [];
  const open: string[] = [')'];
  // The argument under way, from its first to behind its last sign that is no space or comment.
  let start = -1;
  let end = -1;
  const take = () => {
    if (start >= 0) {
      list.push(argument(source, start, end));
    }
    start = -1;
  };
  let at = match.index + match[0].length;
  while (at < source.length) {
    const sign = source[at];
    if (sign === '#') {
      const line = source.indexOf('\n', at);
      at = line < 0 ? source.length : line;
      continue;
    }
    if (/\s/.test(sign)) {
      at += 1;
      continue;
    }
    if (sign === ',' && open.length === 1) {
      take();
      at += 1;
      continue;
    }
    if (sign === open[open.length - 1]) {
      open.pop();
      if (open.length === 0) {
        take();
        return { start: match.index, end: at + 1, arguments: list };
      }
    } else if (sign in CLOSING) {
      open.push(CLOSING[sign]);
    }
    const next =
      sign === '"' || sign === "'" ? behindString(source, at) : at + 1;
    if (next === null) {
      return null;
    }
    start = start < 0 ? at : start;
    at = end = next;
  }
  return null;
}

/** Where a string ends that begins here; null where it does not. */
function behindString(source: string, at: number): number | null {
  const one = source[at];
  const quotes = source.startsWith(one.repeat(3), at) ? one.repeat(3) : one;
  for (let look = at + quotes.length; look < source.length; look += 1) {
    if (source[look] === '\\') {
      look += 1;
    } else if (source.startsWith(quotes, look)) {
      return look + quotes.length;
    } else if (source[look] === '\n' && quotes.length === 1) {
      return null;
    }
  }
  return null;
}

function argument(source: string, start: number, end: number): IArgument {
  const text = source.slice(start, end);
  const match = NAME.exec(text);
  return match
    ? { name: match[1], value: text.slice(match[0].length), start, end }
    : { name: null, value: text, start, end };
}

/** The folder's id, without its quotes. */
function folderOf(call: IConnectCall): string | null {
  const found =
    call.arguments.find(({ name }) => name === 'folder_id') ??
    call.arguments.find(({ name }) => name === null);
  return found === undefined ? null : found.value.replace(/^["']|["']$/g, '');
}

/** The old call, with the names of project and notebook and its id as they are now. */
function renamed(old: string, before: IConnectCall, now: IConnectCall): string {
  const valueOf = (call: IConnectCall, wanted: string) =>
    call.arguments.find(({ name }) => name === wanted)?.value;
  const id = valueOf(now, 'notebook_id');
  let text = '';
  let at = before.start;
  for (const { name, value, start, end } of before.arguments) {
    // An id that is not known now must not stay: it may be that of another notebook.
    const fresh =
      name === 'notebook_id' ? (id ?? 'None') : valueOf(now, name ?? '');
    if (OURS.has(name) && fresh !== undefined && fresh !== value) {
      text += `${old.slice(at, start)}${name}=${fresh}`;
      at = end;
    }
    if (
      name === 'notebook' &&
      id !== undefined &&
      valueOf(before, 'notebook_id') === undefined
    ) {
      text += `${old.slice(at, end)}, notebook_id=${id}`;
      at = end;
    }
  }
  return text + old.slice(at, before.end);
}
