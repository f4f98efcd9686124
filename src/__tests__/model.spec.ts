import type { IDisposable } from '@lumino/disposable';

import type { IProgress } from '../api';
import { API } from '../api';
import { StatusEvents } from '../events';
import { DriveSyncModel } from '../model';
import { ApiError } from '../request';
import type { IStatusChange } from '../tokens';
import { FakeApi, FakeEvents, inState, settle, status } from './fakes';

const PROGRESS: IProgress = {
  phase: 'commit',
  cancelling: false,
  bytes: 5,
  total_bytes: 10,
  files: 1,
  total_files: 2,
  speed: 5,
  eta_seconds: 1,
  current: []
};

const gone = (code: string, code404 = 0) =>
  new ApiError({ code, message: '', hint: '' }, code404);

describe('the model', () => {
  let api: FakeApi;
  let events: FakeEvents;
  let model: DriveSyncModel;
  let comeBack: () => void;
  let changes: IStatusChange[];

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    api = new FakeApi();
    api.statuses = [status('a'), status('b')];
    events = new FakeEvents();
    changes = [];
    model = new DriveSyncModel({
      api,
      events: new StatusEvents(events.manager),
      page: {
        onBack: back => {
          comeBack = back;
          return { isDisposed: false, dispose: () => undefined } as IDisposable;
        }
      },
      standby: 'never'
    });
    await model.start();
    await settle();
    model.statusChanged.connect((_, change) => {
      changes.push(change);
    });
    api.calls = [];
  });

  afterEach(() => {
    model.dispose();
    jest.useRealTimers();
  });

  const event = (revision: number, state = 'in_sync', progress = false) =>
    events.emit({
      project: 'a',
      revision,
      state,
      progress: progress ? PROGRESS : null
    });

  it('knows all projects once the server half answers', () => {
    expect(model.health.kind).toBe('ready');
    expect(model.projects.map(({ project }) => project.id)).toEqual(['a', 'b']);
    expect(model.current?.project.id).toBe('a');
  });

  it('fetches a project when an event names a new revision', async () => {
    api.statuses[0] = inState('a', 'syncing', ['cancel'], {
      revision: 4 as never
    });
    event(4, 'syncing');
    await settle();
    expect(api.calls).toEqual(['project a']);
    expect(model.current?.state.word).toBe('syncing');
    expect(changes.map(({ after }) => after?.revision)).toEqual([4]);
  });

  it('does not fetch for a revision that it has', async () => {
    event(1);
    await settle();
    expect(api.calls).toEqual([]);
  });

  it('fetches once more, not once each, for events during a fetch', async () => {
    event(2, 'pending');
    event(3, 'pending');
    event(4, 'pending');
    await settle();
    expect(api.count('project a')).toBe(2);
  });

  it('takes progress from the event itself, but fetches after a jump', async () => {
    api.statuses[0] = inState('a', 'syncing', ['cancel'], {
      revision: 4 as never
    });
    event(4, 'syncing');
    await settle();
    api.calls = [];
    event(5, 'syncing', true);
    await settle();
    expect(api.calls).toEqual([]);
    expect(model.current?.progress?.bytes).toBe(5);
    event(7, 'syncing', true);
    await settle();
    expect(api.calls).toEqual(['project a']);
  });

  it('looks at all projects for one that it does not know', async () => {
    api.statuses.push(status('c'));
    events.emit({
      project: 'c',
      revision: 1,
      state: 'syncing',
      progress: null
    });
    await settle();
    expect(model.find('c')).not.toBeNull();
  });

  it('drops a project that was unlinked, also in another tab', async () => {
    event(9, 'unlinked');
    await settle();
    expect(model.find('a')).toBeNull();
    expect(changes).toEqual([{ before: status('a'), after: null }]);
  });

  it('drops a project that the server no longer knows', async () => {
    api.statuses = [status('b')];
    event(5);
    await settle();
    expect(model.find('a')).toBeNull();
  });

  it('ignores events of other schemas and of another form', async () => {
    events.stream.emit({ schema_id: 'other', project: 'a' });
    events.emit({ project: 'a' } as never);
    await settle();
    expect(api.calls).toEqual([]);
  });

  it('never goes back to an older answer that comes late', async () => {
    const late = status('a', {
      revision: 2 as never,
      server_time: '2026-03-01T11:59:00.000Z' as never
    });
    api.statuses[0] = late;
    event(2);
    await settle();
    expect(model.find('a')?.revision).toBe(1);
  });

  it('looks again when the person comes back to the page', async () => {
    api.statuses = [status('a', { revision: 8 as never })];
    comeBack();
    await settle();
    expect(model.find('a')?.revision).toBe(8);
    expect(model.find('b')).toBeNull();
  });

  it('looks by itself every half minute, for events can be lost', async () => {
    api.statuses[0] = status('a', { revision: 8 as never });
    await jest.advanceTimersByTimeAsync(31_000);
    expect(model.find('a')?.revision).toBe(8);
  });

  it('looks more often while something moves', async () => {
    api.statuses[0] = inState('a', 'syncing', ['cancel'], {
      revision: 2 as never
    });
    event(2, 'syncing');
    await settle();
    api.calls = [];
    await jest.advanceTimersByTimeAsync(11_000);
    expect(api.count('projects')).toBeGreaterThanOrEqual(2);
  });

  it('says that the server is gone, and recovers by itself', async () => {
    api.down = gone('unreachable');
    comeBack();
    await settle();
    expect(model.health.kind).toBe('unreachable');
    expect(model.projects).toHaveLength(2); // what was known stays on screen
    api.down = null;
    await jest.advanceTimersByTimeAsync(300_000);
    expect(model.health.kind).toBe('ready');
    expect(api.count('version')).toBeGreaterThan(0);
  });

  it('says that the server half is missing', async () => {
    api.down = gone('no_server_half', 404);
    comeBack();
    await settle();
    expect(model.health.kind).toBe('missing');
  });

  it('lets no other version of the interface through', async () => {
    const api2 = new FakeApi();
    api2.answer = { ...api2.answer, api: API + 1 };
    api2.statuses = [status('a')];
    const other = new DriveSyncModel({
      api: api2,
      events: new StatusEvents(new FakeEvents().manager),
      standby: 'never'
    });
    await other.start();
    expect(other.health.kind).toBe('mismatch');
    expect(other.projects).toEqual([]);
    other.dispose();
  });

  it('shows the project in which the person works', () => {
    model.focus('b/train.ipynb');
    expect(model.current?.project.id).toBe('b');
    model.focus('elsewhere/notes.md');
    expect(model.current?.project.id).toBe('b');
    model.choose('a');
    expect(model.current?.project.id).toBe('a');
  });

  it('remembers where the person was before the first answer', async () => {
    const api2 = new FakeApi();
    api2.statuses = [status('a'), status('b')];
    const early = new DriveSyncModel({
      api: api2,
      events: new StatusEvents(new FakeEvents().manager),
      standby: 'never'
    });
    early.focus('b');
    await early.start();
    expect(early.current?.project.id).toBe('b');
    early.dispose();
  });

  it("tells the time by the server's clock", async () => {
    jest.setSystemTime(new Date('2026-03-01T10:00:00.000Z'));
    api.statuses[0] = status('a', {
      revision: 2 as never,
      server_time: '2026-03-01T12:00:01.000Z' as never
    });
    event(2);
    await settle();
    expect(model.now).toBe(Date.parse('2026-03-01T12:00:01.000Z'));
  });

  it('makes a new link the current project', async () => {
    await model.link('new', 'gdrive:new');
    expect(api.calls).toEqual(['link new gdrive:new']);
    expect(model.current?.project.id).toBe('new');
  });

  it('hands errors of an action to whoever asked', async () => {
    api.down = gone('consent_needed', 409);
    await expect(model.sync('a', 'old')).rejects.toMatchObject({
      code: 'consent_needed'
    });
  });

  it('is silent after it was disposed of', async () => {
    model.dispose();
    event(5);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(api.calls).toEqual([]);
  });
});
