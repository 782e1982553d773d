/** The page that asks for the password. */
export function loginPage({ hasFailed, inboxUrl }: { hasFailed: boolean; inboxUrl: string | undefined }): string {
  return page(
    hasFailed ? 'Error: Sign in' : 'Sign in',
    `${hasFailed ? loginError : ''}
    <h1>Sign in</h1>
    <form method="post" action="/login">
      <div class="field">
        <label for="username">Name</label>
        <p class="hint" id="username-hint">“alice” has a phone number, “bob” registers one.</p>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" aria-describedby="username-hint"${hasFailed ? '' : ' autofocus'}>
      </div>
      <div class="field">
        <label for="password">Password</label>
        <p class="hint" id="password-hint">The same as the name.</p>
        <input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="password-hint">
      </div>
      <button>Sign in</button>
    </form>
    <ul class="links">
      <li><a class="link" href="/app">Do all of it on a single page</a></li>
      ${inboxLink(inboxUrl)}
    </ul>`,
  );
}

const loginError = `<div class="error-summary" role="alert" tabindex="-1" aria-labelledby="error-heading">
      <h2 id="error-heading">There’s a problem</h2>
      <p><a href="#username">The name or the password is not correct.</a></p>
    </div>`;

interface Account {
  readonly username: string;
  readonly phoneNumber: string | undefined;
  readonly inboxUrl: string | undefined;
}

/** The protected page. */
export function accountPage({ username, phoneNumber, inboxUrl }: Account): string {
  return page(
    'Your account',
    `<h1>Your account</h1>
    <p>You are signed in as <strong>${escapeHtml(username)}</strong>, and have confirmed it with a code to
    <strong>${escapeHtml(phoneNumber ?? 'no number')}</strong>.</p>
    <form method="post" action="/transfer"><button>Transfer $100</button></form>
    <ul class="links">
      <li><a class="link" href="/2fa/security">Security settings</a></li>
      <li><a class="link" href="/2fa/change">Change phone number</a></li>
      <li><a class="link" href="/2fa/recovery-codes">Recovery codes</a></li>
      ${inboxLink(inboxUrl)}
    </ul>
    <form method="post" action="/logout"><button class="secondary">Sign out</button></form>`,
  );
}

/** The page after a step-up: the user was verified in the last 5 minutes. */
export function transferPage(): string {
  return page(
    'Transfer complete',
    `<h1>Transfer complete</h1>
    <p>You transferred $100.</p>
    <ul class="links"><li><a class="link" href="/account">Your account</a></li></ul>`,
  );
}

/** The page of a request that could not be answered. */
export function errorPage(status: number): string {
  const [title, text] =
    status === 404
      ? ['Page not found', 'Check the address, or go back to your account.']
      : status < 500
        ? ['There’s a problem', 'We couldn’t read your request. Go back to the page and try again.']
        : ['Something went wrong', 'Try again in a few minutes.'];
  return page(
    title,
    `<h1>${title}</h1>
    <p>${text}</p>
    <ul class="links"><li><a class="link" href="/account">Your account</a></li></ul>`,
  );
}

/** Links to the emulated phone in a second tab: the first one waits for the code. */
function inboxLink(inboxUrl: string | undefined): string {
  if (inboxUrl === undefined) return '';
  return `<li><a class="link" href="${escapeHtml(inboxUrl)}" target="_blank" rel="noopener">Open the emulated phone</a></li>`;
}

// The example wears the pages' own stylesheet and script, so that all look like one application.
function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/2fa/assets/twilio-2fa.css">
  <script src="/2fa/assets/twilio-2fa.js" defer></script>
</head>
<body>
<main>
  <div class="card">
    ${content}
  </div>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
