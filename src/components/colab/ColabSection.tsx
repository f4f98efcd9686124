import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IStatus } from '../../api';
import { basename } from '../../paths';
import type { IDriveSyncModel } from '../../tokens';
import { Button } from '../Button';
import { useDoing, useNow } from '../hooks';
import { Section } from '../Section';
import type { ISidebarActions } from '../actions';
import { RuntimeView } from './RuntimeView';

interface IColabProps {
  status: IStatus;
  model: Pick<IDriveSyncModel, 'now'>;
  actions: ISidebarActions;
  trans: TranslationBundle;
}

/** The way to Colab, and how the project's runtimes there stand. */
export function ColabSection(props: IColabProps): JSX.Element {
  const { status, model, actions, trans } = props;
  const now = useNow(model);
  // A server half of another version may say nothing of runtimes.
  const runtimes = status.runtimes ?? [];
  const living = runtimes.filter(({ state }) => state === 'running').length;
  return (
    <Section
      title={trans.__('Colab')}
      count={living || undefined}
      className="jp-DriveSync-colab"
    >
      {runtimes.length > 0 && <Begin {...props} />}
      {runtimes.length === 0 ? (
        <p>
          {trans.__(
            'Put the Colab cell into a notebook and run it there: it brings this project and its libraries, and what you train is safe on Drive as it is made.'
          )}
        </p>
      ) : (
        <ul className="jp-DriveSync-list jp-DriveSync-runtimes">
          {runtimes.map((runtime, place) => (
            <RuntimeView
              key={runtime.runtime}
              status={status}
              runtime={runtime}
              now={now}
              open={place === 0 || runtime.state !== 'ended'}
              actions={actions}
              trans={trans}
            />
          ))}
        </ul>
      )}
      {runtimes.length === 0 && <Begin {...props} />}
    </Section>
  );
}

/** What can be done with the notebook in front. */
function Begin(props: IColabProps): JSX.Element {
  const { status, actions, trans } = props;
  const doing = useDoing();
  const path = actions.colab.notebook(status);
  const why =
    path === null ? trans.__('Open a notebook of this project first.') : '';
  return (
    <>
      <div
        className="jp-DriveSync-choice"
        role="group"
        aria-label={
          path === null
            ? trans.__('Colab')
            : trans.__('Colab, for %1', basename(path))
        }
      >
        <Button
          disabled={path === null}
          busy={doing.busy}
          title={why || trans.__('Put the cell first in %1', path ?? '')}
          onClick={() => {
            if (path !== null) {
              doing.start(() => actions.colab.insertCell(status, path));
            }
          }}
        >
          {trans.__('Insert Colab cell')}
        </Button>
        <Button
          disabled={path === null}
          title={why || trans.__('Open %1 in Colab', path ?? '')}
          onClick={() => {
            if (path !== null) {
              actions.colab.open(status, path);
            }
          }}
        >
          {trans.__('Open in Colab')}
        </Button>
      </div>
      {why && <p className="jp-DriveSync-rest">{why}</p>}
    </>
  );
}
