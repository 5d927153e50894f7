/* Requests to the service. Addresses are relative, so that the page works below a prefix. */

import {h, newId} from './dom.js';

const KEY = 'hrl-token';
let token = sessionStorage.getItem(KEY) || '';
let asking = null;

export const base = new URL('./', document.baseURI);

/* An answer that is no success, in the service's own words. */
export class ServiceError extends Error {
  constructor(status, message, fields) {
    super(message);
    this.status = status;
    this.fields = fields || {}; // path of the field, with dots -> what is wrong with it
  }
}

function explain(status, body) {
  const detail = body && body.detail;
  if (Array.isArray(detail)) {
    const fields = {};
    for (const fault of detail) fields[(fault.loc || []).slice(1).join('.')] = fault.msg;
    const text = Object.entries(fields).map(([name, message]) => (name ? `${name}: ${message}` : message));
    return new ServiceError(status, text.join('; '), fields);
  }
  if (detail && detail.message) return new ServiceError(status, detail.message);
  if (typeof detail === 'string') return new ServiceError(status, detail);
  return new ServiceError(status, `The service answered ${status}.`);
}

/* One question at a time, however many requests want the answer. */
function askToken(wrong) {
  asking = asking || new Promise((resolve) => {
    const id = newId('token');
    const input = h('input', {id, type: 'password', autocomplete: 'current-password', required: true});
    const form = h('form', {method: 'dialog'},
      h('h2', null, 'Token'),
      h('p', null, 'This service is locked. Its operator has the token, the first line of the file that ',
        h('code', null, '--token-file'), ' names.'),
      wrong && h('p', {class: 'error', role: 'alert'}, 'That was not the right token.'),
      h('label', {for: id}, 'Token'), input,
      h('p', {class: 'faint small'}, 'Kept until this tab is closed.'),
      h('div', {class: 'row end'}, h('button', {class: 'primary'}, 'Unlock')));
    const dialog = h('dialog', {'aria-label': 'Token'}, form);
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    dialog.addEventListener('close', () => {
      // no token has other characters, and no header takes them: this is a wrong one as well
      token = input.value.trim().replace(/[^\x21-\x7e]/g, '?');
      sessionStorage.setItem(KEY, token);
      dialog.remove();
      asking = null;
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}

async function send(path, options) {
  const headers = {Accept: 'application/json', ...options.headers};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (options.json !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(new URL(path, base), {
      method: options.method || 'GET', headers, signal: options.signal,
      body: options.json === undefined ? undefined : JSON.stringify(options.json),
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ServiceError(0, 'The service does not answer. Is hrl-serve running?');
  }
}

/* The answer itself; a refused token is asked for and the request made again. */
export async function request(path, options = {}) {
  for (;;) {
    const used = token;
    const answer = await send(path, options);
    if (answer.status !== 401) {
      if (answer.ok) return answer;
      throw explain(answer.status, await answer.json().catch(() => null));
    }
    if (used === token) await askToken(used !== '');
  }
}

export async function call(path, options = {}) {
  return (await request(path, options)).json();
}

export const post = (path, json = {}) => call(path, {method: 'POST', json});
export const remove = (path) => call(path, {method: 'DELETE'});

/* A name as a segment of a path. */
export const segment = (name) => encodeURIComponent(name);

/* The address of the socket; browsers set no headers on WebSockets. */
export function socketAddress() {
  const address = new URL('socket.io/', base);
  address.protocol = address.protocol.replace('http', 'ws');
  address.search = new URLSearchParams({EIO: '4', transport: 'websocket', ...(token && {token})});
  return address;
}

/* The address of what a frame shows, which cannot set headers either. */
export function frameAddress(path, query) {
  const address = new URL(path, base);
  address.search = new URLSearchParams({...query, ...(token && {token})});
  return address.href;
}

let description = null;
/* The service's description of itself, of which forms are made; asked for once. */
export function openapi() {
  description = description || call('openapi.json').catch((error) => {
    description = null;
    throw error;
  });
  return description;
}
