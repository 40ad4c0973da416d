"""A producer that sends no faster than an agent, and those that it calls, can handle it.

    EDGE=https://abcde12345.execute-api.eu-central-1.amazonaws.com/prod python producer.py order-processing < orders.ndjson

Each line is the data of an event. See docs/backpressure.md.
"""

import json
import os
import sys
import time
import urllib.request
import uuid
from datetime import datetime, timezone

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

AGENT = sys.argv[1]
MESH = os.environ.get("MESH", "posthorn-dev")
SOURCE = os.environ.get("SOURCE", "https://shop.example.com/import")
TRICKLE = 0.1

session = boto3.Session()
sqs = session.client("sqs")
inbox = sqs.get_queue_url(QueueName=f"{MESH}-{AGENT}-inbox")["QueueUrl"]


def read():
    """What the probe publishes; None until it has seen the agent."""
    request = AWSRequest("GET", f"{os.environ['EDGE']}/agents/{AGENT}/load")
    SigV4Auth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers))) as answer:
        return json.load(answer).get("reading")


def drain_of(reading):
    """What the agent drains each second, or would if it had more to do."""
    drained = reading["drainPerSecond"]
    return drained if reading["backlog"] else max(drained, reading.get("capacityPerSecond", 0))


def has_room(reading):
    """Nothing waits, and concurrency is left."""
    keeps_up = reading["drainPerSecond"] >= reading["arrivedPerSecond"] / 2
    busy = max(reading.get("busyShare", 1), reading.get("busiestDownstream", 0))
    return not reading["backlog"] and busy < 0.7 and keeps_up


def next_rate(rate, last, reading):
    """Messages each second after a new reading."""
    drain = drain_of(reading)
    below = reading.get("downstream")
    if reading["isStalled"] or (below and below["drainRatio"] == 0):
        return TRICKLE
    if drain == 0:
        most = reading.get("capacityPerSecond", rate) * 1.5
        return max(TRICKLE, min(rate / 2, most)) if reading["backlog"] else min(rate * 1.3, 100)
    if last is None or rate == TRICKLE:
        return max(TRICKLE, max(drain / 10, min(drain, 10)) if has_room(reading) else min(10, drain / 10))
    if has_room(last) and has_room(reading) and not (below and below["pressure"] > 0.01):
        return min(rate * 2, max(drain * 1.5, reading["drainPerSecond"] * 2))
    goal, arrived = reading["goalSeconds"], reading["arrivedPerSecond"]
    slowest = {"pressure": reading["backlog"] / drain / goal, "goalSeconds": goal, "drainRatio": drain / arrived if arrived else 100}
    if below and (below["pressure"], -below["drainRatio"]) > (slowest["pressure"], -slowest["drainRatio"]):
        slowest = below
    horizon = min(180, 3 * reading["intervalSeconds"])
    wanted = max(0.1, 1 + (0.5 - slowest["pressure"]) * slowest["goalSeconds"] / horizon)
    factor = min(1.3, max(0.25, slowest["drainRatio"] * wanted))
    return max(TRICKLE, min(rate * factor, drain * 1.5))


def event_of(line):
    """The id stays the same when the entry is sent again."""
    now = datetime.now(timezone.utc).isoformat()
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": SOURCE, "type": "order.placed", "time": now}
    return json.dumps({**event, "datacontenttype": "application/json", "data": json.loads(line)})


def send(lines):
    """Sends at most ten, and again those that SQS did not take."""
    entries = [{"Id": str(nth), "MessageBody": event_of(line)} for nth, line in enumerate(lines)]
    for attempt in range(6):
        failed = sqs.send_message_batch(QueueUrl=inbox, Entries=entries).get("Failed", [])
        refused = [entry for entry in failed if entry["SenderFault"]]
        if refused:
            raise RuntimeError(f"SQS refused {refused}")
        again = {entry["Id"] for entry in failed}
        entries = [entry for entry in entries if entry["Id"] in again]
        if not entries:
            return
        time.sleep(0.2 * 2**attempt)
    raise RuntimeError(f"SQS did not take {len(entries)} messages")


def main():
    rate, last, read_at, due, batch, sent = 10.0, None, 0.0, time.monotonic(), [], 0
    interval = 5
    for line in sys.stdin:
        batch.append(line)
        if len(batch) < min(10, max(1, rate)):
            continue
        if time.monotonic() - read_at >= interval:
            reading, read_at = read(), time.monotonic()
            if reading and (last is None or reading["at"] > last["at"]):
                rate, last, interval = next_rate(rate, last, reading), reading, reading["intervalSeconds"]
            elif last and last["backlog"] and time.time() - last["at"] / 1000 > max(180, 3 * interval):
                rate = max(TRICKLE, rate / 2)
            print(f"{sent} sent, {rate:.1f}/s", file=sys.stderr)
        time.sleep(max(0, due - time.monotonic()))
        due = max(due, time.monotonic() - 1) + len(batch) / rate
        send(batch)
        sent += len(batch)
        batch = []
    if batch:
        send(batch)
    print(f"{sent + len(batch)} sent", file=sys.stderr)


main()
