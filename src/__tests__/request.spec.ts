import { DriveSyncApi } from '../api';
import { ApiError, request } from '../request';
import { settingsWith, status } from './fakes';

function answering(code: number, body: string, seen?: Request[]) {
  return settingsWith(async asked => {
    seen?.push(asked);
    return new Response(code === 204 ? null : body, { status: code });
  });
}

async function failure(code: number, body: string): Promise<ApiError> {
  const error = await request(answering(code, body), ['projects']).catch(
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('a request', () => {
  it("goes below the server's base URL, with everything encoded", async () => {
    const seen: Request[] = [];
    const api = new DriveSyncApi(
      answering(200, '{"path":"","parent":null,"folders":[]}', seen)
    );
    await api.remoteFolders('my drive', 'a&b/c');
    expect(seen[0].url.replace(/&\d+$/, '')).toBe(
      'http://localhost:8888/user/ann/jupyter-drive-sync/remotes/my%20drive/folders?path=a%26b%2Fc'
    );
  });

  it('sends a body as JSON and takes none for an answer', async () => {
    const seen: Request[] = [];
    const settings = answering(204, '', seen);
    await expect(
      new DriveSyncApi(settings).unlink('p')
    ).resolves.toBeUndefined();
    expect(seen[0].method).toBe('DELETE');
  });

  it('sends consent only when there is one', async () => {
    const bodies: string[] = [];
    const settings = settingsWith(async asked => {
      bodies.push(await asked.text());
      return new Response(JSON.stringify(status('p')), { status: 202 });
    });
    const api = new DriveSyncApi(settings);
    await api.sync('p');
    await api.sync('p', 'h1');
    expect(bodies).toEqual(['{}', '{"consent":"h1"}']);
  });

  it('takes the rows out of the history', async () => {
    const api = new DriveSyncApi(answering(200, '{"rows":[]}'));
    await expect(api.history('p', { limit: 5 })).resolves.toEqual([]);
  });
});

describe('an error', () => {
  it('of the server half keeps code, message, hint and status', async () => {
    const error = await failure(
      409,
      '{"code":"already_linked","message":"It is linked.","hint":"Unlink it."}'
    );
    expect(error).toMatchObject({
      code: 'already_linked',
      message: 'It is linked.',
      hint: 'Unlink it.',
      status: 409
    });
  });

  it('404 without our form means that the server half is missing', async () => {
    expect((await failure(404, '<html>Not found</html>')).code).toBe(
      'no_server_half'
    );
  });

  it("404 in our form is the server half's own", async () => {
    const body = '{"code":"project_unknown","message":"No.","hint":""}';
    expect((await failure(404, body)).code).toBe('project_unknown');
  });

  it('of a proxy is unexpected, and shows what it said', async () => {
    const error = await failure(403, '{"message":"Forbidden"}');
    expect(error.code).toBe('unexpected');
    expect(error.message).toBe('403 Forbidden');
  });

  it('of the network is told apart', async () => {
    const settings = settingsWith(() =>
      Promise.reject(new TypeError('Failed to fetch'))
    );
    await expect(request(settings, ['version'])).rejects.toMatchObject({
      code: 'unreachable',
      status: 0
    });
  });
});
