import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFlowRequest, Scope } from '../../connect';
import type { ConnectModel } from '../../connectmodel';
import { ApiError } from '../../request';
import { Button } from '../Button';
import { useLoaded } from '../hooks';
import { ProblemBox } from '../ProblemBox';
import type { IConnectActions } from './actions';
import type { ClientPart } from './ClientInput';
import { ClientInput } from './ClientInput';
import { Connections } from './Connections';
import { Field } from './Field';
import { Guide } from './Guide';
import { ScopeChoice } from './ScopeChoice';
import { SecretFile } from './SecretFile';

export interface IPrepareProps {
  model: ConnectModel;
  actions: IConnectActions;
  trans: TranslationBundle;
}

/** Second step: what the chosen way needs. */
export function Prepare(props: IPrepareProps): JSX.Element | null {
  switch (props.model.way) {
    case 'own_client':
      return <OwnClient {...props} />;
    case 'service_account':
      return <ServiceAccount {...props} />;
    case 'token':
      return <Token {...props} />;
    case 'existing':
      return <Existing {...props} />;
    case 'other':
      return <Other {...props} />;
    default:
      return null;
  }
}

function OwnClient(props: IPrepareProps): JSX.Element {
  const { model, trans } = props;
  const [client, setClient] = React.useState<ClientPart | null>(null);
  const [scope, setScope] = React.useState<Scope>('drive');
  return (
    <>
      <Guide trans={trans} />
      <section>
        <h3>{trans.__('Give the client to Drive Sync')}</h3>
        <p>
          {trans.__(
            'It stays on this server, in a file that only you can read.'
          )}
        </p>
        <ClientInput api={model.api} onClient={setClient} trans={trans} />
      </section>
      <ScopeChoice scope={scope} onScope={setScope} trans={trans} />
      <Begin
        {...props}
        label={trans.__('Sign in with Google')}
        why={trans.__('The file, or its two values, come first.')}
        request={
          client && {
            way: 'own_client',
            scope,
            ...client,
            ...(model.again === null ? {} : { remote: model.again })
          }
        }
      />
    </>
  );
}

function ServiceAccount(props: IPrepareProps): JSX.Element {
  const { model, trans } = props;
  const [text, setText] = React.useState<string | null>(null);
  const [path, setPath] = React.useState('');
  const [scope, setScope] = React.useState<Scope>('drive');
  const [problem, setProblem] = React.useState<ApiError | null>(null);
  const key: Partial<IFlowRequest> | null = text
    ? { service_account_text: text }
    : path.trim()
      ? { service_account_path: path.trim() }
      : null;
  return (
    <>
      <p>
        {trans.__(
          'Share the folder on Drive with the service account’s address first, as you would with a person: it sees nothing else. A service account has no storage of its own, so a shared drive fits best.'
        )}
      </p>
      <SecretFile
        label={trans.__('the key of the service account')}
        busy={model.errand === 'begin'}
        taken={
          text && (
            <p className="jp-DriveSync-taken">{trans.__('A file is taken.')}</p>
          )
        }
        onText={given => {
          setProblem(null);
          setText(given);
          setPath('');
        }}
        onTooLarge={() =>
          setProblem(
            new ApiError(
              {
                code: 'service_account_invalid',
                message: trans.__('That file is no key of a service account.'),
                hint: trans.__('It is a small JSON file from Google’s console.')
              },
              400
            )
          )
        }
        trans={trans}
      />
      {problem && <ProblemBox error={problem} trans={trans} />}
      <Field
        label={trans.__('Or its path on this server')}
        value={path}
        placeholder={trans.__('for instance /etc/keys/drive.json')}
        onChange={value => {
          setPath(value);
          setText(null);
        }}
      />
      <ScopeChoice scope={scope} onScope={setScope} trans={trans} />
      <Begin
        {...props}
        label={trans.__('Connect')}
        why={trans.__('The key comes first.')}
        request={key && { way: 'service_account', scope, ...key }}
      />
    </>
  );
}

function Token(props: IPrepareProps): JSX.Element {
  const { model, trans } = props;
  const [client, setClient] = React.useState<ClientPart | null>(null);
  const [scope, setScope] = React.useState<Scope>('drive');
  return (
    <>
      <p>
        {trans.__(
          'You sign in on a computer that has rclone and a browser, and bring here what it prints. Give your own Google client if you have one: the one that rclone shares stops working during 2026.'
        )}
      </p>
      <ClientInput api={model.api} onClient={setClient} trans={trans} />
      <ScopeChoice scope={scope} onScope={setScope} trans={trans} />
      <Begin
        {...props}
        label={trans.__('Show what to type there')}
        request={{ way: 'token', scope, ...client }}
      />
    </>
  );
}

function Existing(props: IPrepareProps): JSX.Element {
  const { model, trans } = props;
  const there = model.offer?.remotes.some(remote => !remote.ours) ?? false;
  return (
    <>
      <p>
        {trans.__(
          'Drive Sync uses the remote as it is. Your configuration is not rewritten; only rclone itself renews the sign-in in it.'
        )}
      </p>
      {there ? (
        <Connections {...props} only={remote => !remote.ours} />
      ) : (
        <p>
          {trans.__('There is no remote in rclone’s own configuration yet.')}
        </p>
      )}
    </>
  );
}

function Other(props: IPrepareProps): JSX.Element {
  const { model, trans } = props;
  const backends = useLoaded('backends', () => model.api.backends());
  const [words, setWords] = React.useState('');
  const [type, setType] = React.useState<string | null>(null);
  const [name, setName] = React.useState('');
  const group = React.useId();
  const wanted = words.trim().toLowerCase();
  const fitting = (backends.value ?? []).filter(one =>
    `${one.type} ${one.name} ${one.description}`.toLowerCase().includes(wanted)
  );
  return (
    <>
      <Field
        label={trans.__('Find a storage')}
        value={words}
        placeholder={trans.__('for instance s3, webdav, sftp')}
        onChange={setWords}
      />
      {backends.error && (
        <ProblemBox error={backends.error} trans={trans}>
          <Button onClick={backends.again}>{trans.__('Try again')}</Button>
        </ProblemBox>
      )}
      <fieldset className="jp-DriveSync-choices jp-DriveSync-backends">
        <legend>{trans.__('Which storage?')}</legend>
        {backends.loading && (
          <p className="jp-DriveSync-rest" role="status">
            {trans.__('Looking…')}
          </p>
        )}
        {!backends.loading && fitting.length === 0 && (
          <p className="jp-DriveSync-rest">
            {trans.__('None is called that way.')}
          </p>
        )}
        {fitting.map(one => (
          <label key={one.type}>
            <input
              type="radio"
              name={group}
              checked={type === one.type}
              onChange={() => setType(one.type)}
            />
            <span>
              <span>{one.name}</span>
              <span className="jp-DriveSync-rest">{one.description}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Field
        label={trans.__('A name for it (optional)')}
        value={name}
        onChange={setName}
      />
      <Begin
        {...props}
        label={trans.__('Next')}
        why={trans.__('Choose a storage first.')}
        request={
          type
            ? {
                way: 'other',
                type,
                ...(name.trim() ? { name: name.trim() } : {})
              }
            : null
        }
      />
    </>
  );
}

/** The button that begins, and why it cannot yet. */
function Begin(props: {
  model: ConnectModel;
  label: string;
  /** Null while something is missing. */
  request: IFlowRequest | null;
  /** What is missing. */
  why?: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, label, request, why, trans } = props;
  const busy = model.errand === 'begin';
  const error = model.errorOf('begin');
  const id = React.useId();
  return (
    <>
      {error && <ProblemBox error={error} trans={trans} />}
      <div className="jp-DriveSync-row">
        <Button
          accept={true}
          busy={busy}
          disabled={request === null}
          aria-describedby={request === null ? id : undefined}
          onClick={() => request && void model.begin(request)}
        >
          {label}
        </Button>
        {request === null && why && (
          <span id={id} className="jp-DriveSync-rest">
            {why}
          </span>
        )}
        <span role="status" className="jp-DriveSync-rest">
          {busy ? trans.__('One moment…') : ''}
        </span>
      </div>
    </>
  );
}
