/* The page: which view is shown at which address, and what is around it. */

import {confirm, h, icon, replace, setText} from './dom.js';
import {openapi} from './api.js';
import {connect, state, subscribe} from './live.js';
import {integer, percent, title} from './format.js';
import {advice} from './advice.js';
import {households} from './households.js';
import {now} from './now.js';
import {reports} from './reports.js';
import {runs} from './runs.js';

const views = [now, runs, households, advice, reports];
const main = document.getElementById('main');
const nav = document.getElementById('nav');
let leave = null; // ends the view that is shown
let shownPath = null, shownHash = null;

/* #/runs/12?x=1 -> {view, rest: ['12'], query} */
function place() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter(Boolean).map((part) => {
    try { return decodeURIComponent(part); } catch { return part; }
  });
  const view = views.find((candidate) => candidate.path === parts[0]);
  return {view, rest: parts.slice(1), query: new URLSearchParams(query), path};
}

function showNav(current) {
  replace(nav, views.map((view) => h('a', {href: `#/${view.path}`,
    'aria-current': view === current ? 'page' : undefined}, icon(view.icon), h('span', null, view.title))));
}

/* Goes where it was asked to once what was typed may be lost; until then the address is the view's. */
async function mayLeave() {
  const wanted = location.hash;
  history.replaceState(null, '', shownHash);
  const agreed = await confirm({title: 'Leave without saving?', text: 'What was typed here is lost.', keep: 'Stay', action: 'Leave'});
  if (!agreed) return;
  leave.unsaved = null;
  location.replace(wanted);
}

async function show() {
  const {view, rest, query, path} = place();
  if (!view) {
    location.replace('#/now');
    return;
  }
  // a question about what was shown is none about what comes
  for (const question of document.querySelectorAll('dialog.question')) question.close('');
  if (leave && leave.unsaved && leave.unsaved()) {
    mayLeave();
    return;
  }
  if (leave) leave();
  leave = null;
  showNav(view);
  const began = shownPath !== null;
  const moved = path !== shownPath;
  shownPath = path;
  shownHash = location.hash;
  // a filter of a list is an address of its own: who chose it goes on there
  const at = !moved && main.contains(document.activeElement) && document.activeElement.name;
  const root = h('div', {class: `view ${view.path}`});
  replace(main, root);
  let ended = false;
  leave = () => { ended = true; };
  try {
    const end = await view.show(root, {rest, query});
    if (ended) {
      if (end) end();
      return;
    }
    leave = end || null;
  } catch (error) {
    if (ended) return;
    replace(root, h('h1', {tabindex: -1}, view.title), h('p', {class: 'error', role: 'alert'}, error.message),
      h('p', null, h('button', {type: 'button', onclick: show}, 'Try again')));
  }
  // who moved by keyboard or reads with their ears begins at the view's heading, unless they are at work in it
  const heading = root.querySelector('h1');
  if (began && moved && heading && !root.contains(document.activeElement)) {
    heading.tabIndex = -1;
    heading.focus({preventScroll: true});
    scrollTo(0, 0);
  } else if (at) {
    document.getElementsByName(at).forEach((again) => again.focus());
  }
  showTitle(state);
}

const LINK = {connecting: 'Connecting…', open: 'Live', waiting: 'Connection lost; trying again…'};

function showTitle({runs, shown}) {
  const {view} = place();
  const heading = main.querySelector('h1');
  const run = runs.get(shown);
  const progress = run && run.status === 'running' && run.total ? `${percent(run.episode / run.total)} ` : '';
  document.title = `${progress}${heading ? heading.textContent : view ? view.title : ''} · hrl`;
}

function showLink({link}) {
  const element = document.getElementById('link');
  setText(element, LINK[link]);
  element.className = `link-state ${link}`;
}

/* Said aloud when a run changes its state, not at every step. */
const said = new Map();
function announce({runs}) {
  for (const run of runs.values()) {
    if (said.get(run.id) === run.status) continue;
    const first = !said.has(run.id);
    said.set(run.id, run.status);
    if (first && run.status !== 'running') continue;
    setText(document.getElementById('spoken'), `${title(run.name)}: ${run.status}, ${integer(run.episode)} episodes.`);
  }
}

document.body.append(h('p', {id: 'spoken', class: 'hidden', role: 'status'}));
subscribe(showLink);
subscribe(showTitle);
subscribe(announce);
addEventListener('hashchange', show);
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault(); // its address would be taken for a view's
  main.focus();
});

showNav(place().view);
// the first request asks for the token, if one is wanted; then the socket has it, too
openapi().catch(() => {}).then(() => {
  connect();
  show();
});
