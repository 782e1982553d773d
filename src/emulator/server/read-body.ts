import type { IncomingMessage } from 'node:http';

/** Largest body that the emulator reads, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Reads a request's body; `undefined` where it is larger than {@link MAX_BODY_BYTES}, `null` where it broke off. */
export function readBody(request: IncomingMessage): Promise<string | undefined | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}
