// What the pages do more where scripts run. Without this file every page works too.
(() => {
  const { lang } = document.documentElement;
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
  addEventListener('pageshow', () => [...document.forms].forEach(release));

  // The time until the code may be sent again. In words as on the server: minutes, and seconds below a minute and a half.
  const wait = document.querySelector('[data-resend-after]');
  if (wait) {
    const { resendAfter, text, ready } = wait.dataset;
    const end = Date.now() + resendAfter * 1000;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const inWords = (value, unit) =>
      new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
    let shown = wait.textContent;
    let isSaid = resendAfter <= 60;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left <= 0) {
        wait.textContent = ready;
        document.querySelector('form[action$="/resend"]').hidden = false;
        say(ready);
        return;
      }
      const seconds = isCalm ? Math.ceil(left / 10) * 10 : left;
      const words =
        left < 90
          ? inWords(seconds, 'second')
          : left < 5400
            ? inWords(Math.ceil(left / 60), 'minute')
            : inWords(Math.ceil(left / 3600), 'hour');
      const next = text.replace('{wait}', words);
      if (next !== shown) wait.textContent = shown = next;
      if (left <= 60 && !isSaid) {
        isSaid = true;
        say(next);
      }
      setTimeout(tick, 500);
    };
    tick();
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
