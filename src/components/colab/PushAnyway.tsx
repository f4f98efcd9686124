import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button } from '../Button';
import { useDoing } from '../hooks';
import { ProblemBox } from '../ProblemBox';

/** The way out for a notebook that waits because a runtime has it open. */
export function PushAnyway(props: {
  path: string;
  /** Whether it is gone here, so that its deletion waits. */
  gone: boolean;
  push: (path: string) => Promise<void>;
  trans: TranslationBundle;
}): JSX.Element {
  const { path, gone, push, trans } = props;
  const doing = useDoing();
  return (
    <>
      <div className="jp-DriveSync-choice">
        <Button
          busy={doing.busy}
          title={
            gone
              ? trans.__(
                  'Delete it on Drive now. What Colab still saves goes into the trash of Drive.'
                )
              : trans.__(
                  'Put your version on Drive now. The tab in Colab will then ask to be reloaded before it saves again.'
                )
          }
          aria-label={
            gone
              ? trans.__('Delete anyway: %1', path)
              : trans.__('Push anyway: %1', path)
          }
          onClick={() => doing.start(() => push(path))}
        >
          {gone ? trans.__('Delete anyway') : trans.__('Push anyway')}
        </Button>
      </div>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}
