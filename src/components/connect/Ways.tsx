import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IWay, Way } from '../../connect';
import type { ConnectModel } from '../../connectmodel';
import { wayText } from '../../words';
import { Button, PlainButton } from '../Button';
import { ProblemBox } from '../ProblemBox';
import { Connections } from './Connections';
import type { IConnectActions } from './actions';

/** First step: what is connected, and the ways in, the fitting one first. */
export function Ways(props: {
  model: ConnectModel;
  actions: IConnectActions;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, actions, trans } = props;
  const { offer } = model;
  const error = model.errorOf('begin');
  if (offer === null) {
    return model.offerError ? (
      <ProblemBox error={model.offerError} trans={trans}>
        <Button onClick={() => void model.load()}>
          {trans.__('Try again')}
        </Button>
      </ProblemBox>
    ) : (
      <p className="jp-DriveSync-rest" role="status">
        {trans.__('Looking…')}
      </p>
    );
  }
  const first = offer.ways.find(way => way.available)?.way;
  return (
    <>
      <Connections model={model} actions={actions} trans={trans} />
      {offer.remotes.length > 0 && <h3>{trans.__('Connect something new')}</h3>}
      <ul className="jp-DriveSync-ways">
        {offer.ways.map(way => (
          <li key={way.way}>
            <WayCard
              way={way}
              fitting={way.way === first}
              busy={model.errand === 'begin'}
              model={model}
              trans={trans}
            />
            {error && model.way === way.way && (
              <ProblemBox error={error} trans={trans} />
            )}
          </li>
        ))}
      </ul>
      {offer.ways.length === 0 && (
        <p>
          {trans.__(
            'Whoever runs this server has switched every way off. Please ask there.'
          )}
        </p>
      )}
    </>
  );
}

function WayCard(props: {
  way: IWay;
  fitting: boolean;
  busy: boolean;
  model: ConnectModel;
  trans: TranslationBundle;
}): JSX.Element {
  const { way, fitting, busy, model, trans } = props;
  const text = wayText(way.way, model.offer?.preset ?? null, trans);
  const id = React.useId();
  const choose = (chosen: Way) => () => model.choose(chosen);
  return (
    <PlainButton
      className={`jp-DriveSync-way ${fitting ? 'jp-mod-fitting' : ''}`}
      data-way={way.way}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-what`}
      disabled={!way.available}
      busy={busy}
      onClick={choose(way.way)}
    >
      <span id={`${id}-title`} className="jp-DriveSync-wayTitle">
        {text.title}
      </span>
      <span id={`${id}-what`}>
        {fitting && (
          <span className="jp-DriveSync-badge">{trans.__('Start here')}</span>
        )}
        <span>{text.what} </span>
        <span className="jp-DriveSync-rest">
          {way.available
            ? trans.__('You need: %1', text.need)
            : (way.reason ?? trans.__('Not possible here.'))}
        </span>
      </span>
    </PlainButton>
  );
}
