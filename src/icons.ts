import { LabIcon } from '@jupyterlab/ui-components';

import arrowDown from '../style/icons/arrow-down.svg';
import arrowUp from '../style/icons/arrow-up.svg';
import colab from '../style/icons/colab.svg';
import colabCell from '../style/icons/colab-cell.svg';
import remove from '../style/icons/delete.svg';
import folder from '../style/icons/folder.svg';
import logo from '../style/icons/logo.svg';
import more from '../style/icons/more.svg';
import rename from '../style/icons/rename.svg';
import runtimeEnded from '../style/icons/runtime-ended.svg';
import runtimeRunning from '../style/icons/runtime-running.svg';
import stateBusy from '../style/icons/state-busy.svg';
import stateOk from '../style/icons/state-ok.svg';
import statePerson from '../style/icons/state-person.svg';
import stateResting from '../style/icons/state-resting.svg';
import stateWaiting from '../style/icons/state-waiting.svg';
import still from '../style/icons/still.svg';
import type { RuntimeState } from './colabwire';
import type { Tone } from './words';

function icon(name: string, svgstr: string): LabIcon {
  return new LabIcon({ name: `jupyter-drive-sync:${name}`, svgstr });
}

export const logoIcon = icon('logo', logo);
export const colabIcon = icon('colab', colab);
export const colabCellIcon = icon('colab-cell', colabCell);
export const folderIcon = icon('folder', folder);
export const moreIcon = icon('more', more);
export const deleteIcon = icon('delete', remove);
export const renameIcon = icon('rename', rename);

export const toneIcons: Record<Tone, LabIcon> = {
  ok: icon('state-ok', stateOk),
  busy: icon('state-busy', stateBusy),
  waiting: icon('state-waiting', stateWaiting),
  person: icon('state-person', statePerson),
  resting: icon('state-resting', stateResting)
};

/** How a Colab runtime stands, where it needs nobody. */
export const runtimeIcons: Record<RuntimeState, LabIcon> = {
  running: icon('runtime-running', runtimeRunning),
  silent: toneIcons.waiting,
  ended: icon('runtime-ended', runtimeEnded)
};

export const directionIcons: Record<'up' | 'down' | 'none', LabIcon> = {
  up: icon('arrow-up', arrowUp),
  down: icon('arrow-down', arrowDown),
  none: icon('still', still)
};
