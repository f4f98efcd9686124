import type { Contents } from '@jupyterlab/services';

import type { IServerFolders } from './components/link/LocalStep';
import { dirname, join } from './paths';

/** The server's folders, by the contents API. */
export function serverFolders(
  contents: Pick<Contents.IManager, 'get' | 'save'>
): IServerFolders {
  return {
    list: async path => {
      const model = await contents.get(path, {
        type: 'directory',
        content: true
      });
      const items = model.content as Contents.IModel[];
      return {
        path,
        parent: path === '' ? null : dirname(path),
        folders: items
          .filter(item => item.type === 'directory')
          .map(({ name, path: at }) => ({ name, path: at }))
          .sort((a, b) => a.name.localeCompare(b.name))
      };
    },
    create: async (parent, name) => {
      const path = join(parent, name);
      const made = await contents.save(path, { type: 'directory' });
      return made.path;
    }
  };
}
