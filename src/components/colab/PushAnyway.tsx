import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button } from '../Button';
import { useDoing } from '../hooks';
import { ProblemBox } from '../ProblemBox';

/** The way out for a notebook that waits because a runtime has it open. */
export function PushAnyway(props: {
  path: string;
  push: (path: string) => Promise<void>;
  trans: TranslationBundle;
}): JSX.Element {
  const { path, push, trans } = props;
  const doing = useDoing();
  return (
    <>
      <div className="jp-DriveSync-choice">
        <Button
          busy={doing.busy}
          title={trans.__(
            'Put your version on Drive now. The tab in Colab will then ask to be reloaded before it saves again.'
          )}
          aria-label={trans.__('Push anyway: %1', path)}
          onClick={() => doing.start(() => push(path))}
        >
          {trans.__('Push anyway')}
        </Button>
      </div>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}
