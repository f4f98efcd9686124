import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ProblemBox } from './ProblemBox';

interface IGuardedProps {
  /** What it shows, in a word or two. */
  title: string;
  /** What it is made from: once that is another, it is tried anew. */
  source: unknown;
  trans: TranslationBundle;
  children: React.ReactNode;
}

interface IGuardedState {
  error: Error | null;
  source: unknown;
}

/** A part of the page that says so when it cannot be shown, while the others go on. */
export class Guarded extends React.Component<IGuardedProps, IGuardedState> {
  static getDerivedStateFromError(error: Error): Partial<IGuardedState> {
    return { error };
  }

  static getDerivedStateFromProps(
    { source }: IGuardedProps,
    before: IGuardedState
  ): IGuardedState | null {
    return source === before.source ? null : { error: null, source };
  }

  override state: IGuardedState = { error: null, source: this.props.source };

  override render(): React.ReactNode {
    const { title, trans, children } = this.props;
    const { error } = this.state;
    if (error === null) {
      return children;
    }
    return (
      <ProblemBox
        error={{
          code: 'not_shown',
          message: trans.__(
            '“%1” cannot be shown (%2).',
            title,
            error.message || error.name
          ),
          hint: trans.__(
            'Syncing goes on. If Drive Sync was upgraded, restart the Jupyter server and reload this page.'
          )
        }}
        trans={trans}
      />
    );
  }
}
