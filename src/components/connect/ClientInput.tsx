import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IClient, IConnectApi, IFlowRequest } from '../../connect';
import { ApiError } from '../../request';
import { useDoing } from '../hooks';
import { ProblemBox } from '../ProblemBox';
import { Field } from './Field';
import { SecretFile } from './SecretFile';

/** What a client id looks like. */
const ID_FORM = '….apps.googleusercontent.com';

/** A Google client as it goes to the server: the file's text, or its two values. */
export type ClientPart = Pick<IFlowRequest, 'client' | 'client_text'>;

/** A place for the downloaded client secret file, or for its two values. */
export function ClientInput(props: {
  api: Pick<IConnectApi, 'client'>;
  /** Called with what is there; null while it is not whole. */
  onClient: (part: ClientPart | null) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { api, onClient, trans } = props;
  const [known, setKnown] = React.useState<IClient | null>(null);
  const [id, setId] = React.useState('');
  const [secret, setSecret] = React.useState('');
  const doing = useDoing();
  const take = (text: string) =>
    doing.start(async () => {
      setKnown(null);
      onClient(null);
      setKnown(await api.client(text));
      setId('');
      setSecret('');
      onClient({ client_text: text });
    });
  const type = (newId: string, newSecret: string) => {
    doing.clear();
    setKnown(null);
    setId(newId);
    setSecret(newSecret);
    onClient(
      newId.trim() && newSecret.trim()
        ? {
            client: {
              client_id: newId.trim(),
              client_secret: newSecret.trim()
            }
          }
        : null
    );
  };
  const tooLarge = () =>
    doing.start(() =>
      Promise.reject(
        new ApiError(
          {
            code: 'client_invalid',
            message: trans.__('That file is no client secret file.'),
            hint: trans.__(
              'It is a small file, called client_secret_*.json. Download it once more.'
            )
          },
          400
        )
      )
    );
  return (
    <>
      <SecretFile
        label={trans.__('client_secret_*.json')}
        busy={doing.busy}
        taken={
          known && (
            <p className="jp-DriveSync-taken">
              {known.project_id
                ? trans.__(
                    'A desktop client of the project %1.',
                    known.project_id
                  )
                : trans.__('A desktop client.')}{' '}
              <span className="jp-DriveSync-detail">{known.client_id}</span>
            </p>
          )
        }
        onText={take}
        onTooLarge={tooLarge}
        trans={trans}
      />
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
      <details className="jp-DriveSync-unfold">
        <summary>{trans.__('Or type its two values')}</summary>
        <Field
          label={trans.__('Client ID')}
          value={id}
          placeholder={ID_FORM}
          onChange={value => type(value, secret)}
        />
        <Field
          label={trans.__('Client secret')}
          secret={true}
          value={secret}
          onChange={value => type(id, value)}
        />
      </details>
    </>
  );
}
