import { TextLibrary } from '../../src/texts.js';

/** The texts that pages are in where nothing else is asked for. */
export const ENGLISH = new TextLibrary({}).for('en');
