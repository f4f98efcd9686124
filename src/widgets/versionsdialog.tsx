import { Dialog } from '@jupyterlab/apputils';
import * as React from 'react';

import type { IVersionsViewProps } from '../components/VersionsView';
import { VersionsView } from '../components/VersionsView';
import { StepDialog } from './dialogs';
import { ReactBody } from './reactbody';

/** Let a person bring an earlier version of a file back. */
export async function showVersionsDialog(
  options: Omit<IVersionsViewProps, 'done'>
): Promise<void> {
  const { trans } = options;
  const dialog = new StepDialog({
    title: trans.__('Earlier versions'),
    body: new ReactBody(
      <VersionsView {...options} done={() => dialog.reject()} />,
      'jp-DriveSync-dialog'
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Close') })],
    focusNodeSelector: '.jp-DriveSync-stepBody'
  });
  dialog.addClass('jp-DriveSync');
  await dialog.launch();
}
