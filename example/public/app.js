// Signs in, and does all of the second step, by JSON alone. The server says where the person stands (`step`); each step has
// a screen, which is a <template> of the page. Whatever is refused comes as problem details, with words for the person.

const screen = document.getElementById('screen');
const part = (id) => document.getElementById(id);
const copyOf = (name) => part(`${name}-template`).content.cloneNode(true);
let isAsking = false;
let countdown;

/** Asks the server; the answer is what it says, with whether that is a refusal, and with how late it is there. */
async function ask(method, url, values) {
  const headers = { Accept: 'application/json', ...(values ? { 'Content-Type': 'application/json' } : {}) };
  const response = await fetch(url, { method, headers, body: values && JSON.stringify(values) });
  const isJson = /[/+]json/.test(response.headers.get('Content-Type') ?? '');
  const body = isJson ? await response.json() : {};
  return { isRefused: !response.ok, now: Date.parse(response.headers.get('Date')) || Date.now(), ...body };
}

/** The screens, by the step that the server names. */
const screens = {
  login() {
    show('login');
    part('username').focus();
  },
  start({ methods, ...answer }) {
    show('start', answer);
    showMethods(methods);
  },
  verify({ pending, codeLength, now, ...answer }) {
    show('verify', answer);
    const { label, to, expiresAt, resendAt } = pending;
    part('sent').textContent = `The code is on its way: ${label}${to ? `, to ${to}` : ''}.`;
    const minutes = Math.ceil((Date.parse(expiresAt) - now) / 60_000);
    part('code-hint').textContent = `It has ${codeLength} digits and expires in ${minutes} minutes.`;
    countDown(Date.parse(resendAt) - now);
    part('code').focus();
  },
  register: (answer) => showNumberForm('Add your phone number', '/2fa/register', { ...answer, isFirst: true }),
  change: (answer) => showNumberForm('Change your phone number', '/2fa/change', { ...answer, isChange: true }),
  recovery({ hasCodes, ...answer }) {
    show('recovery', { ...answer, hasCodes, hasNone: !hasCodes });
    part('code')?.focus();
  },
  recoveryCodes({ codes, left, canConfirm, isRequired, ...answer }) {
    const canGoOn = !isRequired && !codes;
    show('recovery-codes', { ...answer, codes, canConfirm, canGoOn, canCreate: !codes });
    part('left').textContent = codes
      ? 'Save these codes now. They are shown only once.'
      : `Unused recovery codes: ${left}.`;
    for (const code of codes ?? []) {
      const item = document.createElement('li');
      item.textContent = code;
      part('codes').append(item);
    }
  },
  failed({ reason, ...answer }) {
    show('failed', answer);
    part('reason').textContent = reason;
  },
  async done({ location, notices }) {
    if (location === '/2fa/change') return goOn(await ask('GET', location));
    return openAccount(notices);
  },
};

/** Shows the account; or, as long as the gate is closed, where the person stands. */
async function openAccount(notices) {
  const account = await ask('GET', '/api/account');
  if (account.code === 'login_required') return screens.login();
  if (account.code === 'verification_required') {
    const answer = await ask('GET', '/2fa');
    return goOn(answer.canEnterCode ? await ask('GET', '/2fa/verify') : answer);
  }
  if (account.code === 'recovery_codes_required') return goOn(await ask('GET', '/2fa/recovery-codes'));
  if (account.isRefused) return showProblem(account);
  show('account', { notices });
  part('name').textContent = account.username;
  part('number').textContent = account.phoneNumber ?? 'no number';
}

/** Goes on with whatever the server has answered. */
async function goOn(answer) {
  return answer.isRefused ? showProblem(answer) : screens[answer.step](answer);
}

/** What is refused for a field, or for a moment, is told where the person is; all else has a screen to go to. */
async function showProblem({ code, detail, field }) {
  if (code === 'login_required') screens.login();
  else if (['nothing_pending', 'address_changed', 'verification_required'].includes(code)) {
    const answer = await ask('GET', '/2fa');
    if (answer.isRefused) return showFailed(answer);
    await goOn(answer);
  } else if (!field && !['retry_later', 'bad_request', 'cross_site', 'fault'].includes(code)) {
    return showFailed({ detail });
  }
  showError(detail ?? 'Something is out of order. Try again in a few minutes.', field);
}

/** Why nothing goes on, as the server has kept it. */
async function showFailed({ detail }) {
  const answer = await ask('GET', '/2fa/failed');
  return answer.step === 'failed' ? goOn(answer) : screens.failed({ reason: detail });
}

/** Puts a screen in place of the one that is there. What depends on the answer has `data-if`. */
function show(name, answer = {}) {
  clearInterval(countdown);
  const content = copyOf(name);
  for (const element of content.querySelectorAll('[data-if]')) if (!answer[element.dataset.if]) element.remove();
  screen.replaceChildren(content);
  const heading = screen.querySelector('h1');
  heading.tabIndex = -1;
  heading.focus();
  document.title = heading.textContent;
  if (answer.notices) showNotices(answer.notices);
}

function showMethods(methods) {
  for (const { method, label, to } of methods) {
    const choice = copyOf('method');
    const radio = choice.querySelector('input');
    radio.value = method;
    radio.checked = method === methods[0].method;
    if (radio.checked) radio.id = 'method-choice';
    const [text, hint] = choice.querySelectorAll('.choice-text > span');
    text.textContent = label;
    if (to) hint.textContent = `To ${to}`;
    else hint.remove();
    part('methods').append(choice);
  }
}

function showNumberForm(heading, url, { methods, countries, country, ...answer }) {
  show('number', answer);
  screen.querySelector('h1').textContent = document.title = heading;
  screen.querySelector('form').dataset.post = url;
  for (const { code, name, callingCode } of countries) {
    part('country').append(new Option(`${name} (+${callingCode})`, code, false, code === country));
  }
  showMethods(methods);
}

function showNotices(notices) {
  const box = copyOf('notices');
  for (const notice of notices) {
    const line = document.createElement('p');
    line.textContent = notice;
    box.firstChild.append(line);
  }
  screen.prepend(box);
  say(notices.join(' '));
}

/** An error above the screen, which takes the focus and leads to its field, and once more at the field itself. */
function showError(text, field) {
  clearError();
  const box = copyOf('error');
  const line = box.querySelector('p');
  const target = field === 'method' ? part('method-choice') : field && part(field);
  if (target) {
    const link = document.createElement('a');
    link.href = `#${target.id}`;
    link.textContent = text;
    line.append(link);
    const note = document.createElement('p');
    note.className = 'field-error';
    note.id = 'field-error';
    note.textContent = text;
    const place = target.closest('.choice') ?? target;
    place.before(note);
    target.setAttribute('aria-describedby', `field-error ${target.getAttribute('aria-describedby') ?? ''}`.trim());
    if (place === target) target.setAttribute('aria-invalid', 'true');
  } else {
    line.textContent = text;
  }
  screen.prepend(box);
  screen.querySelector('.error-summary').focus();
  document.title = `Error: ${screen.querySelector('h1').textContent}`;
}

function clearError() {
  for (const element of screen.querySelectorAll('.error-summary, .field-error')) element.remove();
  for (const field of screen.querySelectorAll('[aria-describedby^="field-error"]')) {
    field.removeAttribute('aria-invalid');
    const others = field.getAttribute('aria-describedby').replace('field-error', '').trim();
    if (others) field.setAttribute('aria-describedby', others);
    else field.removeAttribute('aria-describedby');
  }
}

/** Shows how long until the code may be sent again, and then the button for it. Said once: not every second. */
function countDown(ms) {
  const end = performance.now() + ms;
  const tick = () => {
    const seconds = Math.ceil((end - performance.now()) / 1_000);
    const isOver = seconds <= 0;
    const words = seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
    part('wait').textContent = isOver
      ? 'You can resend the code now.'
      : `It can take a minute to arrive. You can resend the code in ${words}.`;
    part('resend').hidden = !isOver;
    if (!isOver) return;
    clearInterval(countdown);
    if (ms > 0) say('You can resend the code now.');
  };
  countdown = setInterval(tick, 1_000);
  tick();
}

/** For screen readers, which read a status when it changes. */
function say(text) {
  part('status').textContent = '';
  setTimeout(() => {
    part('status').textContent = text;
  }, 300);
}

/** Does what a form or a button asks for, one thing at a time. */
async function act(element, method, url, values) {
  if (isAsking) return;
  isAsking = true;
  const button = element.querySelector('button') ?? element;
  button.setAttribute('aria-disabled', 'true');
  try {
    const answer = await ask(method, url, values);
    if (!answer.isRefused && url.startsWith('/api/')) await openAccount();
    else await goOn(answer);
  } catch {
    showError('The server does not answer. Check your connection and try again.');
  } finally {
    isAsking = false;
    button.removeAttribute('aria-disabled');
  }
}

addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target;
  act(form, 'POST', form.dataset.post, Object.fromEntries(new FormData(form)));
});
screen.addEventListener('click', ({ target }) => {
  const { get, post } = target.closest('button')?.dataset ?? {};
  if (get) act(target, 'GET', get);
  if (post) act(target, 'POST', post, {});
});
openAccount().catch(() => showError('The server does not answer. Load this page again.'));
