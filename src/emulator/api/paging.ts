import type { ApiCall } from './api-call.js';
import { invalidParameter } from './api-error.js';

/** Entries of a page, by default and at most. Twilio has the same figures. */
const PAGE_SIZE = { default: 50, max: 1_000 } as const;

/** An entry that can be listed. */
interface Listed {
  readonly sid: string;
}

/**
 * Writes one page of a list as Twilio does. The token of a page is the SID of the last entry before it, so that what
 * is made or deleted meanwhile neither repeats nor hides an entry.
 *
 * @throws ApiError 60200 for an invalid page size, page, or token.
 */
export function pageOf<Entry extends Listed>(
  call: ApiCall,
  key: string,
  entries: readonly Entry[],
  write: (entry: Entry) => object,
): object {
  const size = readNumber(call, 'PageSize', PAGE_SIZE.default);
  if (size < 1) throw invalidParameter('PageSize', String(size));
  const pageSize = Math.min(size, PAGE_SIZE.max);
  const page = readNumber(call, 'Page', 0);
  const start = findStart(call, entries, page * pageSize);
  const shown = entries.slice(start, start + pageSize);

  const address = (number: number, token: string | undefined) => {
    const query = `PageSize=${pageSize}&Page=${number}${token === undefined ? '' : `&PageToken=${token}`}`;
    return `${call.baseUrl}${call.path}?${query}`;
  };
  const last = shown.at(-1);
  const hasNext = last !== undefined && start + pageSize < entries.length;
  const beforePrevious = entries[start - pageSize - 1];
  return {
    [key]: shown.map(write),
    meta: {
      page,
      page_size: pageSize,
      first_page_url: address(0, undefined),
      previous_page_url: page === 0 ? null : address(page - 1, beforePrevious && `PB${beforePrevious.sid}`),
      next_page_url: hasNext ? address(page + 1, `PA${last.sid}`) : null,
      key,
      url: address(page, call.query.get('PageToken') ?? undefined),
    },
  };
}

function findStart(call: ApiCall, entries: readonly Listed[], fallback: number): number {
  const token = call.query.get('PageToken');
  if (token === null) return fallback;
  const index = /^P[AB]/.test(token) ? entries.findIndex((entry) => entry.sid === token.slice(2)) : -1;
  if (index < 0) throw invalidParameter('PageToken', token);
  return index + 1;
}

function readNumber(call: ApiCall, name: string, fallback: number): number {
  const text = call.query.get(name);
  if (text === null) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw invalidParameter(name, text);
  return Number(text);
}
