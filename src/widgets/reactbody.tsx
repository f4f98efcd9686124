import { ReactWidget } from '@jupyterlab/ui-components';
import type * as React from 'react';

/** A React element as a Lumino widget. */
export class ReactBody extends ReactWidget {
  constructor(
    private readonly _element: React.ReactElement,
    className: string
  ) {
    super();
    this.addClass(className);
  }

  protected render(): React.ReactElement {
    return this._element;
  }
}
