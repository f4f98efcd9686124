import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Notifier } from '../notifier';
import type { IStatusChange } from '../tokens';
import { inState, status } from './fakes';

const trans = nullTranslator.load('jupyter_drive_sync');

describe('a notification', () => {
  let statusChanged: Signal<object, IStatusChange>;
  let notifier: Notifier;
  const settings = { notifyNeedsPerson: true };
  const open = jest.fn();
  const act = jest.fn();

  beforeEach(() => {
    statusChanged = new Signal({});
    settings.notifyNeedsPerson = true;
    open.mockReset();
    act.mockReset();
    notifier = new Notifier({
      model: { statusChanged } as never,
      settings,
      trans,
      open,
      act
    });
  });

  afterEach(() => {
    notifier.dispose();
    Notification.dismiss();
  });

  const shown = () => Notification.manager.notifications;
  const failed = inState('a', 'failed', ['sync']);
  const deletes = inState('a', 'too_many_deletes', ['consent', 'preview']);

  it('comes once when a project begins to need a person', () => {
    statusChanged.emit({ before: status('a'), after: deletes });
    statusChanged.emit({ before: deletes, after: deletes });
    expect(shown()).toHaveLength(1);
    expect(shown()[0].message).toContain('a: Many deletes: please look first.');
    expect(shown()[0].message.length).toBeLessThan(140);
  });

  it('offers the way out', () => {
    statusChanged.emit({ before: null, after: deletes });
    const [first, second] = shown()[0].options.actions ?? [];
    first.callback({} as MouseEvent);
    expect(act).toHaveBeenCalledWith('consent', 'a');
    second.callback({} as MouseEvent);
    expect(open).toHaveBeenCalledWith('a');
  });

  it('for a conflict only leads to where it is settled', () => {
    const conflict = inState('a', 'conflict', ['sync', 'resolve']);
    statusChanged.emit({ before: null, after: conflict });
    const actions = shown()[0].options.actions ?? [];
    expect(actions.map(({ label }) => label)).toEqual(['Show']);
  });

  it('goes when the project no longer needs anybody', () => {
    statusChanged.emit({ before: status('a'), after: failed });
    statusChanged.emit({ before: failed, after: status('a') });
    expect(shown()).toHaveLength(0);
  });

  it('stays, and is not said twice, while a run looks again', () => {
    const syncing = inState('a', 'syncing', ['cancel']);
    statusChanged.emit({ before: status('a'), after: failed });
    statusChanged.emit({ before: failed, after: syncing });
    statusChanged.emit({ before: syncing, after: failed });
    expect(shown()).toHaveLength(1);
  });

  it('is replaced when the reason is another', () => {
    statusChanged.emit({ before: status('a'), after: failed });
    statusChanged.emit({ before: failed, after: deletes });
    expect(shown()).toHaveLength(1);
    expect(shown()[0].message).toContain('Many deletes');
  });

  it('goes with its project', () => {
    statusChanged.emit({ before: status('a'), after: failed });
    statusChanged.emit({ before: failed, after: null });
    expect(shown()).toHaveLength(0);
  });

  it('does not come for what waits by itself, or when not wanted', () => {
    statusChanged.emit({
      before: status('a'),
      after: inState('a', 'offline', ['sync'])
    });
    settings.notifyNeedsPerson = false;
    statusChanged.emit({ before: status('b'), after: failed });
    expect(shown()).toHaveLength(0);
  });
});
