/** The product's words on screen, one place for all of them. */

/** The translation domain. */
export const DOMAIN = 'jupyter_drive_sync';

export * from './errors';
export * from './files';
export * from './sides';
export * from './states';
