import { type Html, trusted } from './html.js';

const SHAPES = {
  sms: '<path d="M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/>',
  call: '<path d="M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z"/>',
  whatsapp:
    '<path fill-rule="evenodd" d="M12 2a10 10 0 0 0-8.6 15.1L2 22l5-1.3A10 10 0 1 0 12 2zm-3.4 5.3c.3 0 .6 0 .8.6l.8 1.9c.1.3 0 .5-.2.8l-.6.7c.9 1.6 2.1 2.7 3.8 3.5l.9-1c.2-.3.4-.3.7-.2l1.9.9c.3.1.4.3.4.6 0 1-.9 2.2-2.2 2.2-3.6 0-8.4-4.2-8.4-7.6 0-1.300 1-2.400 2.100-2.400z"/>',
  email:
    '<path d="M3 5h18a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm1.500 2 7.500 5.500L19.500 7z"/>',
  copy: '<path fill-rule="evenodd" d="M9 2h10a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-2v3a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2h2V4a2 2 0 0 1 2-2zm0 5h6a2 2 0 0 1 2 2v6h2V4H9z"/>',
  ticks:
    '<path d="m1 12 1.600-1.600L7 14.800 8 13.800l1.600 1.600L7 18zm6.500 0 1.600-1.600 4.200 4.200L22 6l1.600 1.600L13.300 18z"/>',
} as const;

/** Returns an icon of the page. Screen readers skip icons, because each one has a label in text. */
export function icon(name: keyof typeof SHAPES | 'handset'): Html {
  const shape = SHAPES[name === 'handset' ? 'call' : name];
  return trusted(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shape}</svg>`);
}

/** The picture in the browser's tab. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect x="5" y="1" width="14" height="22" rx="3" fill="#1d4ed8"/><path fill="#fff" d="M7.500 4h9v14h-9z"/><circle cx="12" cy="20.300" r="1.200" fill="#fff"/></svg>`;
