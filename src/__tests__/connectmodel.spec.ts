import { ConnectModel } from '../connectmodel';
import { ApiError } from '../request';
import {
  ACCOUNT,
  apiError,
  FakeConnectApi,
  FakeTabs,
  FLOW,
  GDRIVE,
  OFFER,
  question
} from './fakeconnect';
import { settle, status } from './fakes';

const REQUEST = { way: 'own_client' as const, client_text: '{}' };

describe('connecting', () => {
  let api: FakeConnectApi;
  let tabs: FakeTabs;
  let model: ConnectModel;
  const renewed = jest.fn();
  const pause = jest.fn(() => Promise.resolve());

  beforeEach(async () => {
    renewed.mockReset();
    pause.mockClear();
    api = new FakeConnectApi();
    tabs = new FakeTabs();
    model = new ConnectModel({ api, openTab: tabs.open, renewed, pause });
    await model.load();
  });

  afterEach(() => model.dispose());

  const signIn = async () => {
    model.choose('own_client');
    await model.begin(REQUEST);
    await settle();
  };
  const done = async () => {
    api.offer = { ...OFFER, remotes: [GDRIVE] };
    api.advance({ step: 'done', auth_url: null, account: ACCOUNT });
    await settle();
  };

  it('goes from a way in over the sign-in to the folders by itself', async () => {
    expect(model.stage).toBe('ways');
    await signIn();
    expect(model.stage).toBe('sign_in');
    expect(tabs.opened.map(tab => tab.url)).toEqual([FLOW.auth_url]);
    api.advance({ step: 'checking', auth_url: null });
    await settle();
    expect(model.flow?.step).toBe('checking');
    await done();
    expect(model.stage).toBe('folders');
    expect(model.remote).toEqual(GDRIVE);
    expect(model.account).toEqual(ACCOUNT);
    model.toFirstSync();
    model.finish(status('spam'));
    expect(model.stage).toBe('done');
  });

  it('opens the tab at once, before the server has answered', () => {
    model.choose('own_client');
    void model.begin(REQUEST);
    expect(tabs.opened).toHaveLength(1);
    expect(tabs.opened[0].url).toBeNull();
  });

  it('keeps the tab until the address of the page is known', async () => {
    api.state = { ...FLOW, step: 'checking', auth_url: null };
    await signIn();
    expect(tabs.opened[0]).toMatchObject({ url: null, closed: false });
    api.advance({ step: 'sign_in', auth_url: FLOW.auth_url });
    await settle();
    expect(tabs.opened[0].url).toBe(FLOW.auth_url);
  });

  it('closes the tab when something else is asked first', async () => {
    api.state = { ...FLOW, step: 'checking', auth_url: null };
    await signIn();
    api.advance({ step: 'question', question: question() });
    await settle();
    expect(tabs.opened[0]).toMatchObject({ url: null, closed: true });
  });

  it('opens no tab where nobody signs in on a page', async () => {
    api.state = { ...FLOW, step: 'checking', auth_url: null };
    model.choose('service_account');
    await model.begin({ way: 'service_account', service_account_text: '{}' });
    expect(tabs.opened).toEqual([]);
    expect(model.stage).toBe('sign_in');
    expect(model.tabRefused).toBe(false);
  });

  it('says so when the browser refuses the tab, and goes on without', async () => {
    tabs.allowed = false;
    await signIn();
    expect(model.tabRefused).toBe(true);
    expect(model.flow?.auth_url).toBe(FLOW.auth_url);
  });

  it('stays where it is when it cannot begin, and closes the tab', async () => {
    model.choose('own_client');
    api.failing.set('begin', apiError('sign_in_busy', 409));
    await model.begin(REQUEST);
    expect(model.stage).toBe('prepare');
    expect(model.errorOf('begin')?.code).toBe('sign_in_busy');
    expect(tabs.opened[0].closed).toBe(true);
    await model.begin(REQUEST);
    expect(model.errorOf('begin')).toBeNull();
    expect(model.stage).toBe('sign_in');
  });

  it('asks for the address to be pasted where the page cannot come back', async () => {
    await signIn();
    expect(api.begun[0].redirect).toBe('auto');
    model.restart();
    api.offer = { ...OFFER, local_browser: false };
    await model.load();
    await signIn();
    expect(api.begun[1].redirect).toBe('paste');
  });

  it('tells the server what is pasted, and what is wrong with it', async () => {
    await signIn();
    api.failing.set('address', apiError('code_used', 409));
    expect(await model.paste('http://127.0.0.1:53682/?code=x')).toBe(false);
    expect(model.errorOf('address')?.code).toBe('code_used');
    expect(model.stage).toBe('sign_in');
    expect(await model.paste('http://127.0.0.1:53682/?code=y')).toBe(true);
    expect(api.addresses).toEqual(['http://127.0.0.1:53682/?code=y']);
    expect(model.errorOf('address')).toBeNull();
  });

  it('answers questions in between', async () => {
    await signIn();
    api.advance({ step: 'question', question: question() });
    await settle();
    api.state = { ...api.state, revision: 3, step: 'checking', question: null };
    expect(await model.answer('')).toBe(true);
    expect(model.flow?.step).toBe('checking');
    expect(api.count('answer f1 2')).toBe(1); // with the revision of what was asked
  });

  it('tries the same once more after a refusal', async () => {
    await signIn();
    api.advance({
      step: 'failed',
      error: { code: 'sign_in_refused', message: 'Refused.', hint: '' }
    });
    await settle();
    expect(model.stage).toBe('sign_in');
    api.state = { ...FLOW, id: 'f2' };
    await model.retry();
    expect(api.begun).toHaveLength(2);
    expect(api.begun[1]).toEqual(api.begun[0]);
    expect(model.flow?.id).toBe('f2');
    expect(api.count('cancel f1')).toBe(0); // it had ended
  });

  it('cancels what is under way when the person goes back or leaves', async () => {
    await signIn();
    model.back();
    await settle();
    expect(api.count('cancel f1')).toBe(1);
    expect(model.stage).toBe('prepare');
    await signIn();
    model.dispose();
    await settle();
    expect(api.count('cancel f1')).toBe(2);
  });

  it('cancels a flow that comes after the person went away', async () => {
    model.choose('own_client');
    const begun = model.begin(REQUEST);
    model.restart();
    await begun;
    await settle();
    expect(api.count('cancel f1')).toBe(1);
    expect(model.flow).toBeNull();
    expect(model.stage).toBe('ways');
    expect(tabs.opened[0].closed).toBe(true);
  });

  it('forgets what was typed once it is over', async () => {
    const secret = 'GOCSPX-planted';
    model.choose('own_client');
    await model.begin({ way: 'own_client', client_text: secret });
    expect(JSON.stringify(model.place)).not.toContain(secret);
    await done();
    await model.retry(); // nothing is left to try again
    expect(api.begun).toHaveLength(1);
  });

  it('keeps asking while the server does not answer, ever more rarely', async () => {
    await signIn();
    api.drop(new ApiError({ code: 'unreachable', message: '', hint: '' }, 0));
    await settle();
    expect(pause).toHaveBeenCalledWith(1);
    await done();
    expect(model.stage).toBe('folders');
  });

  it('ends when the server no longer knows the flow', async () => {
    await signIn();
    api.drop(apiError('flow_unknown', 404));
    await settle();
    expect(model.flow?.step).toBe('expired');
    expect(model.flow?.auth_url).toBeNull();
  });

  it('signs in again for a remote and goes nowhere else', async () => {
    api.offer = { ...OFFER, remotes: [{ ...GDRIVE, projects: 2 }] };
    await model.load();
    api.state = { ...FLOW, again: true };
    void model.signInAgain('gdrive');
    expect(model.stage).toBe('sign_in');
    await settle();
    expect(api.begun[0]).toEqual({ remote: 'gdrive', redirect: 'auto' });
    api.advance({ step: 'done', auth_url: null });
    await settle();
    expect(model.stage).toBe('done');
    expect(renewed).toHaveBeenCalledTimes(1);
  });

  it('takes another client for a remote whose client is gone', async () => {
    api.state = { ...FLOW, again: true };
    await model.signInAgain('gdrive');
    api.advance({
      step: 'failed',
      error: { code: 'client_refused', message: 'Gone.', hint: '' }
    });
    await settle();
    model.anotherClient();
    expect(model.stage).toBe('prepare');
    expect(model.again).toBe('gdrive');
  });

  it('shows why signing in again could not begin, and tries again', async () => {
    api.failing.set('begin', apiError('sign_in_busy', 409));
    await model.signInAgain('gdrive');
    expect(model.stage).toBe('sign_in');
    expect(model.errorOf('begin')?.code).toBe('sign_in_busy');
    await model.retry();
    expect(model.flow?.id).toBe('f1');
  });

  it('takes a remote that is there, and asks whose it is', async () => {
    model.use(GDRIVE);
    expect(model.stage).toBe('folders');
    await settle();
    expect(model.account).toEqual(ACCOUNT);
    api.failing.set('account', apiError('sign_in_needed', 502));
    await model.look();
    expect(model.errorOf('account')?.code).toBe('sign_in_needed');
    model.back();
    expect(model.stage).toBe('ways');
  });

  it('needs no account for a plain folder', () => {
    model.choose('folder');
    expect(model.stage).toBe('folders');
    expect(model.remote).toBeNull();
    expect(api.begun).toEqual([]);
  });

  it('begins with one click where the administrator has prepared it', async () => {
    api.offer = { ...OFFER, preset: { kind: 'client', label: 'Uni' } };
    await model.load();
    model.choose('preset');
    await settle();
    expect(api.begun[0].way).toBe('preset');
    expect(tabs.opened).toHaveLength(1);
    expect(model.stage).toBe('sign_in');
  });

  describe('after the page was loaded anew', () => {
    it('goes on with the sign-in that runs', async () => {
      await signIn();
      const { place } = model;
      const fresh = new ConnectModel({ api, openTab: tabs.open, pause });
      await fresh.resume(place);
      expect(fresh.stage).toBe('sign_in');
      api.offer = { ...OFFER, remotes: [GDRIVE] };
      api.advance({ step: 'done', auth_url: null, account: ACCOUNT });
      await settle();
      expect(fresh.stage).toBe('folders');
      fresh.dispose();
    });

    it('goes on with the folders of what is connected', async () => {
      await signIn();
      await done();
      const fresh = new ConnectModel({ api, openTab: tabs.open });
      await fresh.resume(model.place);
      expect(fresh.stage).toBe('folders');
      expect(fresh.remote).toEqual(GDRIVE);
      fresh.dispose();
    });

    it('begins anew when that is over', async () => {
      const fresh = new ConnectModel({ api, openTab: tabs.open });
      api.failing.set('flow', apiError('flow_unknown', 404));
      await fresh.resume({ flow: 'old' });
      expect(fresh.stage).toBe('ways');
      expect(fresh.errorOf('begin')).toBeNull();
      await fresh.resume({ connected: 'gone' });
      expect(fresh.stage).toBe('ways');
      fresh.dispose();
    });
  });

  it('says why the ways cannot be fetched', async () => {
    api.failing.set('connect', apiError('unreachable', 0));
    await model.load();
    expect(model.offerError?.code).toBe('unreachable');
    await model.load();
    expect(model.offerError).toBeNull();
  });
});
