/** The page that asks for the password. */
export function loginPage(hasFailed: boolean): string {
  return page(
    hasFailed ? 'Error: Sign in' : 'Sign in',
    `<h1>Sign in</h1>
    ${hasFailed ? '<p role="alert" class="field-error">The name or the password is not right.</p>' : ''}
    <form method="post" action="/login">
      <label for="username">Name</label>
      <p class="hint" id="username-hint">“alice” has a phone number, “bob” registers one.</p>
      <input id="username" name="username" autocomplete="username" aria-describedby="username-hint" autofocus>
      <label for="password">Password</label>
      <p class="hint" id="password-hint">The same as the name.</p>
      <input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="password-hint">
      <button>Sign in</button>
    </form>`,
  );
}

/** The page behind the gate. */
export function accountPage(username: string, phoneNumber: string | undefined): string {
  return page(
    'Your account',
    `<h1>Your account</h1>
    <p>Signed in as <strong>${escapeHtml(username)}</strong>, verified with the phone number
    <span dir="ltr">${escapeHtml(phoneNumber ?? 'none')}</span>.</p>
    <p><a href="/2fa/change">Change phone number</a></p>
    <form method="post" action="/logout"><button class="secondary">Sign out</button></form>`,
  );
}

/** The page of a request that could not be answered. */
export function errorPage(status: number): string {
  const text =
    status < 500 ? 'The request could not be read.' : 'Something is out of order. Try again in a few minutes.';
  return page('Error', `<h1>This did not work</h1>\n    <p>${text}</p>`);
}

// The example wears the pages' own stylesheet, so that both look like one application.
function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <link rel="stylesheet" href="/2fa/assets/twilio-2fa.css">
</head>
<body>
<main class="card">
    ${main}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
