// socket.io-client against hrl-serve: node test_serve_node.js URL TRANSPORTS.
// Prints each progress as a line of JSON; exit code 0 when all came as it should.
'use strict';
const path = require('path');
const {io} = require(path.join(process.env.HRL_NODE_MODULES, 'socket.io-client'));
const assert = require('assert');

const [url, kind] = process.argv.slice(2);
const waiting = 512; // progress that may wait for a client before some of it is left out
const transports = {polling: ['polling'], websocket: ['websocket'],
                    upgrade: ['polling', 'websocket']}[kind];
const token = process.env.HRL_TOKEN;
const socket = io(url, {transports, reconnection: false,
                        query: token ? {token} : undefined});
const seen = [];
const once = (event) => new Promise((resolve) => socket.once(event, resolve));
const headers = {'Content-Type': 'application/json'};
if (token) headers.Authorization = 'Bearer ' + token;
const post = async (route, body) => {
  const answer = await fetch(url + route, {
    method: 'POST', headers, body: body && JSON.stringify(body)});
  return [answer.status, await answer.json()];
};

async function trainToTheEnd(episodes) {
  seen.length = 0;
  const completed = once('training_completed');
  const started = once('training_started');
  const [status, answer] = await post('/api/training/start', {
    scenario_name: 'bologna_coppia', num_episodes: episodes, save_interval: 100,
    eval_episodes: 10});
  assert.strictEqual(status, 202);
  assert.strictEqual((await started).start_time, answer.data.start_time);
  const end = await completed;
  assert.strictEqual(end.episodes_completed, episodes);
  const all = Array.from({length: episodes}, (_, i) => i + 1);
  if (episodes <= waiting) return assert.deepStrictEqual(seen, all);
  // a client that falls behind loses some of it, but neither order nor the last
  assert.strictEqual(seen[seen.length - 1], episodes);
  assert(seen.every((episode, i) => i === 0 || episode > seen[i - 1]));
}

async function startAndStop() {
  await post('/api/training/start',
             {scenario_name: 'bologna_coppia', num_episodes: 100000});
  await once('training_progress');
  const stopped = once('training_stopped');
  const [status, answer] = await post('/api/training/stop');
  assert.strictEqual(status, 200);
  assert.strictEqual((await stopped).episodes_completed, answer.data.episodes_completed);
  const state = await (await fetch(url + '/api/training/status', {headers})).json();
  assert.strictEqual(state.is_training, false);
}

async function refusedNamespace() {
  const other = io(url + '/admin', {transports, reconnection: false, forceNew: true,
                                    query: token ? {token} : undefined});
  const error = await new Promise((resolve) => other.once('connect_error', resolve));
  assert.strictEqual(error.message, 'Invalid namespace');
  other.close();
}

async function main() {
  socket.on('training_progress', (progress) => {
    seen.push(progress.episode);
    console.log(JSON.stringify(progress));
  });
  const hello = await once('connection_established');
  assert.strictEqual(hello.sid, socket.id);
  if (kind === 'upgrade' && socket.io.engine.transport.name !== 'websocket')
    await new Promise((resolve) => socket.io.engine.once('upgrade', resolve));
  assert.strictEqual(socket.io.engine.transport.name,
                     kind === 'polling' ? 'polling' : 'websocket');
  const confirmed = once('subscription_confirmed');
  const acknowledged = new Promise((resolve) =>
    socket.emit('subscribe_training', {any: 'thing'}, (...all) => resolve(all)));
  await confirmed;
  assert.deepStrictEqual(await acknowledged, []);
  await trainToTheEnd(200);
  await trainToTheEnd(1000);
  await startAndStop();
  await refusedNamespace();
  socket.close();
}

const patience = Number(process.env.HRL_TEST_PATIENCE || 1); // more under a sanitizer
setTimeout(() => { console.error('no end in sight'); process.exit(1); },
  60000 * patience).unref();
socket.on('connect_error', (error) => { console.error(error); process.exit(1); });
main().catch((error) => { console.error(error); process.exit(1); });
