/** The page's stylesheet: a phone next to a list of phone numbers, and only the phone in a narrow window. */
export const INBOX_STYLE = `
:root {
  color-scheme: light dark;
  --desk: #e7ebf2; --desk-2: #d5dcea; --ink: #16181d; --soft: #596070; --line: #cdd3df;
  --screen: #fff; --bubble: #e9e9ec; --card: #f3f4f7; --panel: #ffffffb8;
  --accent: #1d4ed8; --on-accent: #fff;
  --wa: #d9fdd3; --wa-line: #b3e6ab; --wa-strong: #0a6b52; --call: #15803d; --bezel: #111318; --ring: #4b5263;
}
@media (prefers-color-scheme: dark) {
  :root {
    --desk: #10131a; --desk-2: #1b2130; --ink: #eef0f4; --soft: #a3abbb; --line: #333a49;
    --screen: #07090d; --bubble: #262a33; --card: #1a1e27; --panel: #181c26c4;
    --accent: #8ab4ff; --on-accent: #0b1220;
    --wa: #005c4b; --wa-line: #0b7a64; --wa-strong: #7fe3c4; --call: #4ade80; --bezel: #000; --ring: #3a4152;
  }
}
* { box-sizing: border-box; margin: 0; }
html, body { height: 100%; }
body {
  background: linear-gradient(160deg, var(--desk), var(--desk-2)) fixed; color: var(--ink);
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 8px; top: -60px; z-index: 2; padding: 10px 14px; border-radius: 8px; background: var(--accent); color: var(--on-accent); }
.skip:focus { top: 8px; }
.icon { width: 1em; height: 1em; fill: currentColor; flex: none; }

main {
  display: grid; grid-template: "about phone" auto "people phone" 1fr / minmax(240px, 360px) 400px;
  gap: 20px 56px; justify-content: center; height: 100%; padding: 32px 24px;
}
header { grid-area: about; padding-top: 20px; }
h1 { font-size: 26px; letter-spacing: -.02em; }
.intro { color: var(--soft); margin: 6px 0 16px; }
.facts { display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; font-size: 13px; }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 12px; line-height: 1.6; }
nav { grid-area: people; min-height: 0; overflow: auto; border-radius: 18px; background: var(--panel); border: 1px solid var(--line); align-self: start; max-height: 100%; }
#people { list-style: none; padding: 6px; }
#people a { display: grid; grid-template: "avatar who" "avatar last" / 40px 1fr; column-gap: 12px; padding: 9px 10px; border-radius: 13px; color: inherit; text-decoration: none; }
#people a:hover { background: var(--bubble); }
#people a[aria-current] { background: var(--accent); color: var(--on-accent); }
.avatar { grid-area: avatar; display: grid; place-items: center; height: 40px; border-radius: 50%; background: linear-gradient(#75829f, #56627b); color: #fff; font-weight: 600; font-size: 14px; }
.who { font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.last { font-size: 13px; color: var(--soft); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
a[aria-current] .last { color: inherit; }

.phone {
  grid-area: phone; align-self: center; display: flex; flex-direction: column; width: 400px; height: min(830px, 100%);
  overflow: hidden; background: var(--screen); border: 11px solid var(--bezel); border-radius: 54px;
  box-shadow: 0 0 0 2px var(--ring), 0 30px 60px -18px #0007;
}
.status { display: grid; grid-template-columns: 1fr auto 1fr; align-items: center; padding: 11px 24px 4px; font-size: 15px; font-weight: 600; }
.island { width: 104px; height: 28px; border-radius: 14px; background: #000; }
.signal { display: flex; gap: 2px; align-items: end; justify-content: end; }
.signal i { width: 3px; border-radius: 1px; background: currentColor; height: 4px; }
.signal i:nth-child(2) { height: 6px; } .signal i:nth-child(3) { height: 8px; } .signal i:nth-child(4) { height: 10px; }
.signal b { width: 23px; height: 11px; margin-left: 5px; border: 1px solid; border-radius: 3px; box-shadow: inset 0 0 0 1px var(--screen), inset 16px 0 0 currentColor; }
h2 { padding: 8px 20px 11px; font-size: 17px; text-align: center; border-bottom: 1px solid var(--line); }
#log { flex: 1; min-height: 0; overflow-y: auto; padding: 6px 14px 18px; overscroll-behavior: contain; }
#log:focus-visible { outline-offset: -4px; border-radius: 8px; }
#empty { margin: 40% 24px 0; color: var(--soft); text-align: center; }
.home { width: 128px; height: 5px; margin: 8px auto; border-radius: 3px; background: var(--ink); opacity: .8; flex: none; }

.divider { margin: 18px 0 2px; font-size: 13px; font-weight: 600; color: var(--soft); text-align: center; }
.message { margin-top: 10px; }
.meta { display: flex; gap: 5px; align-items: center; margin: 0 0 3px 4px; font-size: 12px; color: var(--soft); }
.meta time { margin-left: auto; }
.whatsapp .meta .icon, .whatsapp .sender { color: var(--wa-strong); }
.call .meta .icon { color: var(--call); }
.bubble { width: fit-content; max-width: 86%; padding: 9px 14px; border-radius: 20px 20px 20px 6px; background: var(--bubble); overflow-wrap: anywhere; }
.whatsapp .bubble { position: relative; max-width: 92%; padding: 7px 12px 4px; border-radius: 0 12px 12px; margin-left: 8px; background: var(--wa); }
.whatsapp .bubble::before { content: ""; position: absolute; left: -8px; top: 0; width: 8px; height: 12px; background: var(--wa); clip-path: polygon(0 0, 100% 0, 100% 100%); }
.sender { font-size: 13px; font-weight: 600; }
.ticks { display: flex; justify-content: end; color: #2f9fe0; font-size: 17px; line-height: 1; }
strong { font-variant-numeric: tabular-nums; letter-spacing: .02em; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
.card { padding: 12px 14px; border-radius: 18px; background: var(--card); border: 1px solid var(--line); overflow-wrap: anywhere; }
.call .card { display: grid; grid-template-columns: 42px 1fr; column-gap: 12px; }
.handset { grid-row: 1 / 3; display: grid; place-items: center; width: 42px; height: 42px; border-radius: 50%; background: #16a34a; color: #fff; font-size: 21px; }
.title { font-weight: 600; }
.note { font-size: 13px; color: var(--soft); }
blockquote { grid-column: 1 / -1; margin-top: 10px; padding: 2px 0 2px 12px; border-left: 3px solid var(--call); font-style: italic; }
blockquote strong { white-space: nowrap; font-style: normal; }
.email .title { margin-bottom: 6px; }
.copy { display: inline-flex; gap: 6px; align-items: center; min-height: 30px; margin: 4px 0 0 6px; padding: 3px 10px; border: 0; border-radius: 15px; background: none; color: var(--accent); font: inherit; font-size: 13px; font-weight: 600; cursor: pointer; }
.copy[hidden] { display: none; }
.copy:hover { background: var(--bubble); }
.whatsapp .copy { display: flex; justify-content: center; width: calc(100% + 24px); margin: 4px -12px -4px; min-height: 38px; border-top: 1px solid var(--wa-line); border-radius: 0 0 12px 12px; color: var(--wa-strong); }
.whatsapp .copy[hidden] { display: none; }
.whatsapp .copy:hover { background: #0001; }

@media (max-width: 859px) {
  main { display: flex; flex-direction: column; gap: 0; padding: 0; background: var(--screen); }
  header { display: flex; align-items: baseline; gap: 10px; padding: 10px 14px 6px; }
  h1 { font-size: 17px; white-space: nowrap; }
  .intro, .facts, .status, .home { display: none; }
  nav { flex: none; border: 0; border-radius: 0; background: none; max-width: 100%; overflow-x: auto; align-self: stretch; }
  #people { display: flex; gap: 6px; padding: 4px 10px 8px; width: max-content; }
  #people a { display: block; padding: 5px 13px; border: 1px solid var(--line); border-radius: 17px; font-size: 14px; line-height: 22px; }
  .avatar, .last { display: none; }
  .phone { align-self: stretch; flex: 1; width: auto; min-height: 0; height: auto; border: 0; border-top: 1px solid var(--line); border-radius: 0; box-shadow: none; }
  h2 { padding: 7px 14px; font-size: 15px; }
}
@media (max-width: 859px) and (min-width: 560px) { .message, .divider { max-width: 480px; margin-inline: auto; } }
@media (prefers-reduced-motion: no-preference) {
  .arriving { animation: arrive .25s ease-out; }
  @keyframes arrive { from { opacity: 0; transform: translateY(8px); } }
}
`;
