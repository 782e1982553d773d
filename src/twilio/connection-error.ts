/** An error of the network, with nothing of the request: that holds the credentials and a code. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Error code of Node.js or undici, such as `ECONNREFUSED`. */
  readonly code: string | undefined;

  constructor(
    thrown: unknown,
    /** Origin that was called, such as `https://verify.twilio.com`. */
    readonly origin: string | undefined,
    /** Whether a part of the request may have left this process. */
    readonly wasSent: boolean,
  ) {
    const code = networkCodeOf(thrown);
    super((code ?? 'no readable answer') + (refusalOfProxy(thrown) ?? endpointOf(thrown)));
    this.code = code;
  }
}

/** Returns the code of an error or of its cause: Node's if there is one, otherwise undici's. */
function networkCodeOf(thrown: unknown): string | undefined {
  const codes = errorsIn(thrown).flatMap(({ code }) =>
    // Drop everything else that a client of the app throws: it can hold anything.
    typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,49}$/.test(code) ? [code] : [],
  );
  return codes.find((code) => !code.startsWith('UND_ERR_')) ?? codes[0];
}

/** Returns the address of the other side, which is the proxy's if there is one. */
function endpointOf(thrown: unknown): string {
  const found = errorsIn(thrown).find(({ port }) => Number.isInteger(port));
  const address = String(found?.address ?? '');
  return found && /^[\d.:a-f]+$/i.test(address) ? ` at ${address}:${found.port}` : '';
}

/** Returns the HTTP status of a proxy that refused the connection. undici has it in the message only. */
function refusalOfProxy(thrown: unknown): string | undefined {
  const message = errorsIn(thrown).find(({ code }) => code === 'UND_ERR_ABORTED')?.message;
  const status = /^Proxy response \((\d{3})\)/.exec(String(message))?.[1];
  return status && `: the proxy answered ${status}`;
}

interface NetworkError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
}

/** An error, the errors in it (Node tries all addresses of a host), and their causes, to a depth of four. */
function errorsIn(thrown: unknown, depth = 4): readonly NetworkError[] {
  if (typeof thrown !== 'object' || thrown === null || depth === 0) return [];
  const { errors, cause } = thrown as { errors?: unknown; cause?: unknown };
  const inner = [...(Array.isArray(errors) ? errors : []), cause];
  return [thrown, ...inner.flatMap((error) => errorsIn(error, depth - 1))];
}
