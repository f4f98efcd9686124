import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Where the server half answers, below the server's base URL. */
export const NAMESPACE = 'jupyter-drive-sync';

/** The wire form of every error; see `Error` in api/openapi.yaml. */
export interface IErrorBody {
  code: string;
  message: string;
  hint: string;
}

/** Codes of errors that arise on the way, before the server half could answer. */
export type LocalErrorCode = 'unreachable' | 'no_server_half' | 'unexpected';

/**
 * A request that did not succeed.
 *
 * `message` and `hint` are for people; both may be empty for the codes of `LocalErrorCode`,
 * for which `words.errorText` has the sentences.
 */
export class ApiError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** A stable word, from the server half or a `LocalErrorCode`. */
  readonly code: string;
  /** What the person can do now. */
  readonly hint: string;

  constructor(body: IErrorBody, status: number) {
    super(body.message);
    this.name = 'ApiError';
    this.code = body.code;
    this.hint = body.hint;
    this.status = status;
  }
}

export interface IRequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  query?: Record<string, string | number | undefined>;
}

/**
 * Ask the server half.
 *
 * @param settings - The settings of the application's server.
 * @param path - Parts of the address below the namespace; each is encoded.
 * @returns The parsed body, or undefined for 204.
 * @throws ApiError whenever the answer is not a success.
 */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: readonly string[],
  options: IRequestOptions = {}
): Promise<T> {
  const query = Object.entries(options.query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join('&');
  const url =
    URLExt.join(
      settings.baseUrl,
      NAMESPACE,
      ...path.map(part => encodeURIComponent(part))
    ) + (query ? `?${query}` : '');
  const init: RequestInit = { method: options.method ?? 'GET' };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
  }

  let response: Response;
  try {
    response = await ServerConnection.makeRequest(url, init, settings);
  } catch (reason) {
    if (reason instanceof ServerConnection.NetworkError) {
      throw new ApiError({ code: 'unreachable', message: '', hint: '' }, 0);
    }
    throw reason;
  }
  const text = response.status === 204 ? '' : await response.text();
  if (response.ok) {
    return (text ? JSON.parse(text) : undefined) as T;
  }
  throw toError(response, text);
}

function toError(response: Response, text: string): ApiError {
  const body = parse(text);
  if (isErrorBody(body)) {
    return new ApiError(body, response.status);
  }
  if (response.status === 404) {
    return new ApiError(
      { code: 'no_server_half', message: '', hint: '' },
      response.status
    );
  }
  const said =
    typeof body === 'object' && body !== null && 'message' in body
      ? String(body.message)
      : response.statusText;
  return new ApiError(
    {
      code: 'unexpected',
      message: `${response.status} ${said}`.trim(),
      hint: ''
    },
    response.status
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's or Jupyter's own HTML page
  }
}

function isErrorBody(body: unknown): body is IErrorBody {
  if (typeof body !== 'object' || body === null) {
    return false;
  }
  const { code, message, hint } = body as Record<string, unknown>;
  return (
    typeof code === 'string' &&
    typeof message === 'string' &&
    typeof hint === 'string'
  );
}

/** Whatever was thrown, as an error that can be shown. */
export function asApiError(reason: unknown): ApiError {
  if (reason instanceof ApiError) {
    return reason;
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return new ApiError({ code: 'unexpected', message, hint: '' }, 0);
}
