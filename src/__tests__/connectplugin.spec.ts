import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { PromiseDelegate } from '@lumino/coreutils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import { CommandIDs } from '../commandids';
import { connectPlugin } from '../plugins/connect';
import type { IDriveSyncModel } from '../tokens';
import { settingsWith } from './fakes';

/** JupyterLab while it starts, with a layout that comes back when the test says so. */
function lab() {
  const layout = new PromiseDelegate<void>();
  const commands = new CommandRegistry();
  const added: Widget[] = [];
  const shell = {
    add: (widget: Widget) => {
      added.push(widget);
    },
    activateById: () => undefined
  };
  const app = {
    commands,
    shell,
    restored: layout.promise,
    serviceManager: {
      ready: Promise.resolve(),
      contents: {},
      serverSettings: settingsWith(
        async () => new Response('{}', { status: 503 })
      )
    }
  } as unknown as JupyterFrontEnd;
  const model = {
    health: { kind: 'ready' },
    projects: [],
    now: 0
  } as unknown as IDriveSyncModel;
  Object.assign(model, { changed: new Signal(model) });
  let argsOf: ReadonlyPartialJSONObject = {};
  const restorer = {
    restore: async (
      _: unknown,
      { args }: { args: (page: unknown) => ReadonlyPartialJSONObject }
    ) => {
      argsOf = args({ content: { model: { place: {} } } });
    }
  } as unknown as ILayoutRestorer;
  void connectPlugin.activate(
    app,
    model,
    shell,
    restorer,
    null,
    null,
    null,
    null
  );
  const open = (args: ReadonlyPartialJSONObject = {}) =>
    commands.execute(CommandIDs.connect, args) as Promise<Widget>;
  return { layout, added, open, restored: () => open(argsOf) };
}

describe('the command that opens the page', () => {
  const opened: Widget[] = [];

  afterEach(() => {
    opened.splice(0).forEach(page => page.dispose());
  });

  it('waits for the layout, which would drop what is added before', async () => {
    const { layout, added, open } = lab();
    const page = open();
    // The page's own code is there by then, so that only the layout can be what it waits for.
    await import('../widgets/connectpage');
    await new Promise(resolve => setTimeout(resolve));
    expect(added).toEqual([]);
    layout.resolve();
    opened.push(await page);
    expect(added).toEqual(opened);
  });

  it('does not wait for the layout that asks for the page itself', async () => {
    const { added, restored } = lab();
    opened.push(await restored());
    expect(added).toEqual(opened);
  });

  it('opens the tab to sign in within the click', async () => {
    const tab = jest.spyOn(window, 'open').mockReturnValue(null);
    const { layout, open } = lab();
    layout.resolve();
    await layout.promise;
    const page = open({ remote: 'gdrive' });
    expect(tab).toHaveBeenCalledTimes(1);
    opened.push(await page);
    tab.mockRestore();
  });

  it('opens one page, however often and early it is asked', async () => {
    const { layout, added, open, restored } = lab();
    const pages = [open(), restored(), open()];
    layout.resolve();
    const [first, ...others] = await Promise.all(pages);
    opened.push(first);
    others.forEach(page => expect(page).toBe(first));
    expect(new Set(added)).toEqual(new Set([first]));
  });
});
