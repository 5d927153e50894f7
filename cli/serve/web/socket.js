/* A client of Engine.IO 4 and Socket.IO 5 over a WebSocket: text packets, the default
 * namespace, the service's pings, and connections made anew for as long as the page is open. */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const PATIENCE = 10000; // for a connection to be made

export class Socket {
  /* `address()` gives the URL; `heard(event, payload)` each event; `changed(state)` is told of
   * 'connecting', 'open' (the time to ask for what was missed) and 'waiting'. */
  constructor({address, heard, changed}) {
    Object.assign(this, {address, heard, changed});
    this.wait = FIRST_WAIT;
    this.silence = PATIENCE;
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => document.hidden || this.hurry());
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.changed('connecting');
    const link = new WebSocket(this.address());
    this.link = link;
    this.silence = PATIENCE;
    this.watch();
    link.onmessage = ({data}) => link === this.link && this.take(data);
    link.onclose = () => link === this.link && this.lost();
  }

  /* Neither side may be silent for longer than a ping and its patience. */
  watch() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), this.silence);
  }

  lost() {
    clearTimeout(this.watchdog);
    const link = this.link;
    this.link = null;
    if (link) link.close();
    this.changed('waiting');
    // many tabs do not come back at the same moment
    this.timer = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  /* What was waited for may be there now. */
  hurry() {
    if (this.link) return;
    this.wait = FIRST_WAIT;
    this.open();
  }

  take(data) {
    this.watch();
    const kind = data[0];
    if (kind === '0') {
      const {pingInterval, pingTimeout} = JSON.parse(data.slice(1));
      this.silence = pingInterval + pingTimeout;
      this.watch();
      this.link.send('40');
    } else if (kind === '2') {
      this.link.send('3');
    } else if (kind === '1') {
      this.lost();
    } else if (kind === '4') {
      this.takeMessage(data.slice(1));
    }
  }

  takeMessage(packet) {
    if (packet[0] === '0') {
      this.wait = FIRST_WAIT;
      this.changed('open');
    } else if (packet[0] === '2') {
      const [event, payload] = JSON.parse(packet.slice(packet.indexOf('[')));
      this.heard(event, payload);
    } else if (packet[0] === '1' || packet[0] === '4') {
      this.lost();
    }
  }

  emit(event, payload) {
    if (this.link && this.link.readyState === WebSocket.OPEN)
      this.link.send('42' + JSON.stringify([event, payload]));
  }
}
