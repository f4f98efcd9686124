/** The product's words on screen, one place for all of them. */

/** The translation domain. */
export const DOMAIN = 'jupyter_drive_sync';

export * from './colab';
export * from './connect';
export * from './errors';
export * from './files';
export * from './guide';
export * from './sides';
export * from './states';
