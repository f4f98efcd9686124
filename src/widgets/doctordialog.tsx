import { Dialog } from '@jupyterlab/apputils';
import * as React from 'react';

import type { IDoctorViewProps } from '../components/DoctorView';
import { DoctorView } from '../components/DoctorView';
import { StepDialog } from './dialogs';
import { ReactBody } from './reactbody';

/** Show what works and what does not. */
export async function showDoctorDialog(
  options: IDoctorViewProps
): Promise<void> {
  const { trans } = options;
  const dialog = new StepDialog({
    title: trans.__('Check everything'),
    body: new ReactBody(<DoctorView {...options} />, 'jp-DriveSync-dialog'),
    buttons: [Dialog.cancelButton({ label: trans.__('Close') })],
    focusNodeSelector: '.jp-DriveSync-stepBody'
  });
  dialog.addClass('jp-DriveSync');
  await dialog.launch();
}
