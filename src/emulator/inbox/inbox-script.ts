/**
 * The page's script. The server writes and escapes all markup, and the script only inserts it. So only one place draws
 * a message, and the script never parses the text of a message as markup.
 */
export const INBOX_SCRIPT = `'use strict';
(() => {
  const { position, to } = document.body.dataset;
  const log = document.getElementById('log');
  const people = document.getElementById('people');
  const time = document.getElementById('time');
  const title = document.title;
  let unseen = 0;

  const showButtons = (root) => root.querySelectorAll('.copy[hidden]').forEach((button) => { button.hidden = false; });
  const scrollDown = () => { log.scrollTop = log.scrollHeight; };
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const tick = () => { time.textContent = new Date().toTimeString().slice(0, 5); };

  const showPerson = (event) => {
    const known = [...people.children].find((item) => item.dataset.to === event.to);
    if (known) known.remove();
    people.firstElementChild.insertAdjacentHTML('afterend', event.person);
    if (event.to === to) people.children[1].firstElementChild.setAttribute('aria-current', 'page');
  };

  const showMessage = (event) => {
    const follows = isAtEnd();
    document.getElementById('empty').hidden = true;
    const last = [...log.querySelectorAll('.message')].at(-1);
    const isGrouped = to || last?.dataset.to === event.to;
    log.insertAdjacentHTML('beforeend', (isGrouped ? '' : event.divider) + event.message);
    log.lastElementChild.classList.add('arriving');
    while (log.querySelectorAll('.message').length > 1000) log.querySelector('.divider, .message').remove();
    showButtons(log);
    if (follows) scrollDown();
    if (document.hidden) document.title = '(' + ++unseen + ') ' + title;
  };

  const source = new EventSource('/emulator/events?after=' + encodeURIComponent(position));
  source.addEventListener('message', ({ data }) => {
    const event = JSON.parse(data);
    showPerson(event);
    if (!to || to === event.to) showMessage(event);
  });
  source.addEventListener('cleared', () => location.reload());

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) { unseen = 0; document.title = title; }
  });
  log.addEventListener('click', async ({ target }) => {
    const button = target.closest('.copy');
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.code);
    button.lastChild.textContent = 'Copied';
    setTimeout(() => { button.lastChild.textContent = 'Copy code'; }, 2000);
  });

  showButtons(log);
  scrollDown();
  tick();
  setInterval(tick, 5000);
})();
`;
