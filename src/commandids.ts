/** The names of the commands. */
export namespace CommandIDs {
  export const open = 'jupyter-drive-sync:open';
  export const link = 'jupyter-drive-sync:link';
  export const connect = 'jupyter-drive-sync:connect';
  export const sync = 'jupyter-drive-sync:sync';
  export const syncAll = 'jupyter-drive-sync:sync-all';
  export const cancel = 'jupyter-drive-sync:cancel';
  export const togglePause = 'jupyter-drive-sync:toggle-pause';
  export const toggleAutoSync = 'jupyter-drive-sync:toggle-auto-sync';
  export const preview = 'jupyter-drive-sync:preview';
  export const unlink = 'jupyter-drive-sync:unlink';
  export const doctor = 'jupyter-drive-sync:doctor';
  export const openInColab = 'jupyter-drive-sync:open-in-colab';
  export const insertCell = 'jupyter-drive-sync:insert-cell';
  export const insertCellInSelected =
    'jupyter-drive-sync:insert-cell-in-selected';
  export const syncSelected = 'jupyter-drive-sync:sync-selected';
  export const openSelectedInColab =
    'jupyter-drive-sync:open-selected-in-colab';
}
