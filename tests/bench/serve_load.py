"""Load on hrl-serve: many Socket.IO clients during a run of training.

    serve_load.py HRL_SERVE SCENARIOS [--clients N] [--episodes N] [--polling N]

Runs training without clients and with them, and prints as JSON: how many clients got
started and completed, whether each saw progress in order up to the last episode, the
99th percentile of status requests meanwhile, how much slower training was, and the
largest resident memory. Exit code 1 where a client lost an event.
"""
import argparse
import http.client
import json
import multiprocessing
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

SCENARIO = "bologna_coppia"
EPISODE = re.compile(rb'"training_progress",\{"episode":(\d+)')


class Client:
    """A Socket.IO client over a WebSocket or long-polling that reads what comes."""

    def __init__(self, port, polling):
        self.port = port
        self.polling = polling
        self.started = self.completed = 0
        self.events = self.last = 0
        self.in_order = True
        self.rest = b""
        self.path = "/socket.io/?EIO=4&transport=polling"
        if polling:
            self.path += "&sid=" + json.loads(self.exchange("GET", "")[1:])["sid"]
            self.exchange("POST", "40")
            self.poll()
        else:
            self.socket = self.connect()
            self.send_handshake()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def exchange(self, method, body):
        """One request whose answer is waited for; gives its body."""
        with self.connect() as connection:
            connection.sendall(f"{method} {self.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                               f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        return answer.partition(b"\r\n\r\n")[2]

    def poll(self):
        self.socket = self.connect()
        self.socket.sendall(f"GET {self.path} HTTP/1.1\r\nHost: x\r\n"
                            "Connection: close\r\n\r\n".encode())

    def send_handshake(self):
        self.socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
            b"\x81\x82\0\0\0\0" b"40")

    def read(self):
        """Takes what has come. What is looked for is plain text in both transports. Gives
        whether the client goes on with another socket."""
        data = self.socket.recv(262144)
        self.rest += data
        if self.polling:
            return not data and self.poll_again()
        if not data:
            raise ConnectionError("closed by the service")
        # the tail may be the beginning of something
        cut = max(0, self.rest.rfind(b"42["))
        text, self.rest = self.rest[:cut], self.rest[cut:]
        self.take(text)
        return False

    def poll_again(self):
        if b" 200 " not in self.rest[:15]:
            raise ConnectionError("refused by the service")
        text, self.rest = self.rest, b""
        self.take(text)
        self.socket.close()
        self.poll()
        return True

    def take(self, text):
        self.started += text.count(b'"training_started"')
        self.completed += text.count(b'"training_completed"')
        for number in EPISODE.findall(text):
            episode = int(number)
            self.in_order &= episode > self.last
            self.last = episode
            self.events += 1

    @staticmethod
    def summarise(clients, options):
        return {"got_started": sum(c.started == 1 for c in clients),
                "got_completed": sum(c.completed == 1 for c in clients),
                "in_order_to_the_end": sum(c.in_order and c.last == options.episodes
                                           for c in clients)}


def read_all(port, options, pipe, kind=Client):
    """All the clients, in a process of their own: what they cost must not delay the
    requests that are measured. Ends, with what they saw, when told to."""
    clients = [kind(port, i < options.polling) for i in range(options.clients)]
    poller = select.epoll()
    by_number = {c.socket.fileno(): c for c in clients}
    for number in by_number:
        poller.register(number, select.EPOLLIN)
    pipe.send("connected")
    lost = 0
    quiet = 0
    while not pipe.poll() or quiet < 10:
        events = poller.poll(0.1)
        quiet = 0 if events else quiet + 1
        for number, _ in events:
            try:
                client = by_number[number]
                if client.read():
                    by_number[client.socket.fileno()] = client
                    poller.register(client.socket.fileno(), select.EPOLLIN)
            except ConnectionError:
                lost += 1
                poller.unregister(number)
    for client in clients:
        client.take(client.rest)
    counts = [c.events for c in clients] or [0]
    pipe.send({
        "clients": len(clients), "lost": lost, **kind.summarise(clients, options),
        "events_each": [min(counts), max(counts)],
    })


def request(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body and json.dumps(body),
                       {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    data = json.loads(answer.read())
    connection.close()
    return data


def train(port, episodes, times):
    """One run; gives its seconds of training and adds those of each status request."""
    request(port, "POST", "/api/training/start",
            {"scenario_name": SCENARIO, "num_episodes": episodes, "seed": 1,
             "save_interval": episodes})
    while True:
        begun = time.monotonic()
        status = request(port, "GET", "/api/training/status")
        times.append(time.monotonic() - begun)
        if not status["is_training"]:
            return status["latest_progress"]["elapsed_time"]
        time.sleep(0.02)


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024


def processor(pid):
    """Seconds of processor time."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(options, port, pid):
    used = processor(pid)
    alone = train(port, options.episodes, [])
    used_alone = processor(pid) - used
    empty = resident(pid)
    ours, theirs = multiprocessing.Pipe()
    readers = multiprocessing.Process(target=read_all, args=(port, options, theirs))
    readers.start()
    ours.recv()
    times = []
    used = processor(pid)
    together = train(port, options.episodes, times)
    used = processor(pid) - used
    ours.send("end")
    result = ours.recv()
    readers.join()
    times.sort()
    return {
        **result, "episodes": options.episodes,
        "status_p50_ms": round(times[len(times) // 2] * 1000, 2),
        "status_p99_ms": round(times[int(len(times) * 0.99)] * 1000, 2),
        "training_alone_s": round(alone, 3), "training_together_s": round(together, 3),
        "slower_percent": round((together / alone - 1) * 100, 1),
        "more_processor_time_percent": round((used / used_alone - 1) * 100, 1),
        "resident_mib": round(resident(pid), 1), "resident_alone_mib": round(empty, 1),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("scenarios")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--polling", type=int, default=0)
    parser.add_argument("--episodes", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [options.program, "--port", "0", "--scenarios", options.scenarios, "--models",
             os.path.join(folder, "models")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        result = measure(options, port, process.pid)
        process.terminate()
        process.wait()
    print(json.dumps(result, indent=2))
    good = result["clients"]
    sys.exit(not all(result[key] == good for key in (
        "got_started", "got_completed", "in_order_to_the_end")))


if __name__ == "__main__":
    main()
