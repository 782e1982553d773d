// What the pages do more where scripts run. Without this file every page works too.
(() => {
  const polite = document.createElement('p');
  polite.className = 'visually-hidden';
  polite.setAttribute('role', 'status');
  document.body.append(polite);

  // A screen reader reads a status that changes: not one that was there from the start, nor one that comes at once.
  const say = (text) => {
    setTimeout(() => (polite.textContent = text), 300);
    setTimeout(() => (polite.textContent = ''), 9000);
  };
  const notices = document.querySelector('.notices');
  if (notices) say(notices.textContent.trim());

  document.querySelector('.error-summary')?.focus();
  document.querySelector('[data-no-script]')?.remove();

  // A form posts once. A page that comes back out of the browser's memory can post again.
  const release = (form) => {
    delete form.dataset.posted;
    form.querySelector('button')?.removeAttribute('aria-disabled');
  };
  addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.posted) return event.preventDefault();
    form.dataset.posted = 'yes';
    form.querySelector('button')?.setAttribute('aria-disabled', 'true');
    setTimeout(release, 15000, form);
  });
  addEventListener('pageshow', ({ persisted }) => persisted && [...document.forms].forEach(release));

  // The server marks a form that needs no click. It can't see a reload, or Back and Forward.
  const first = document.querySelector('form[data-first]');
  const [navigation] = performance.getEntriesByType('navigation');
  if (first && navigation?.type === 'navigate' && !document.prerendering) first.requestSubmit();

  // The time until the code may be sent again, on its button. A clock that is set back does not move `performance.now()`.
  const resend = document.querySelector('[data-resend-after]');
  if (resend) {
    const { resendAfter, waiting, ready } = resend.dataset;
    const button = resend.querySelector('button');
    const label = button.textContent;
    const end = performance.now() + resendAfter * 1000;
    const step = matchMedia('(prefers-reduced-motion: reduce)').matches ? 10 : 1;
    const inDigits = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      button.disabled = left > 0;
      const text = left > 0 ? waiting.replace('{time}', inDigits(Math.ceil(left / step) * step)) : label;
      if (text !== button.textContent) button.textContent = text;
      if (left > 0) setTimeout(tick, 250);
      else say(ready);
    };
    tick();
    resend.hidden = false;
  }

  // Recovery codes: copied and printed only where scripts run.
  const codes = document.querySelector('[data-codes]');
  const copy = document.querySelector('[data-copy]');
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener('click', async () => {
      const text = [...codes.children].map((code) => code.textContent).join('\n');
      await navigator.clipboard.writeText(text);
      copy.textContent = copy.dataset.copy;
      say(copy.dataset.copy);
    });
  }
  const print = document.querySelector('[data-print]');
  if (print) {
    print.hidden = false;
    print.addEventListener('click', () => window.print());
  }

  // The country that a typed `+` and calling code mean. Calling codes are free of prefixes: only one can fit.
  const country = document.getElementById('country');
  document.getElementById('phoneNumber')?.addEventListener('input', ({ target }) => {
    const typed = /^\s*\+([\d\s().-]+)/.exec(target.value)?.[1].replace(/\D/g, '');
    if (!country || !typed) return;
    const fits = (option) => typed.startsWith(/\+(\d+)/.exec(option.text)[1]);
    if (fits(country.selectedOptions[0])) return;
    const fitting = [...country.options].filter(fits);
    const guess = fitting.find((option) => 'main' in option.dataset) ?? fitting[0];
    if (!guess) return;
    guess.selected = true;
    say(guess.text);
  });
})();
