"""The workloads: what is live, what is desired, and which differences a right plan names."""

import json
import os
import random

ACCOUNT = "123456789012"
ZONE = "bench.example.com"
ROLE = "arn:aws:iam::%s:role/replication" % ACCOUNT


def record(i):
    """Record i of the zone: six in ten A, two CNAME, two TXT, all at TTL 300."""
    name, kind = "r%05d" % i, i % 10
    if kind < 6:
        return {"name": name, "type": "A", "ttl": 300, "value": "10.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255)}
    if kind < 8:
        return {"name": name, "type": "CNAME", "ttl": 300, "value": "target%d.primary.example.net." % i}
    return {"name": name, "type": "TXT", "ttl": 300, "value": "v=bench id=%d site=primary" % i}


def zone(count, seed=270):
    """Live records, desired records, and the 270 differences: 200 TTLs, 20 values, 50 missing."""
    live = [record(i) for i in range(count)]
    desired = [dict(one) for one in live]
    chosen = random.Random(seed).sample(range(count), 220)
    expected = {}
    for i in chosen[:200]:
        desired[i]["ttl"] = 60
        expected[(desired[i]["name"], desired[i]["type"])] = "/ttl"
    for i in chosen[200:]:
        one = desired[i]
        other = {"A": "192.0.2.%d" % (i % 254 + 1), "CNAME": "target%d.dr.example.net." % i}
        one["value"] = other.get(one["type"], "v=bench id=%d site=dr" % i)
        expected[(one["name"], one["type"])] = "/values"
    for i in range(count, count + 50):
        desired.append(record(i))
        expected[(desired[-1]["name"], desired[-1]["type"])] = "create"
    return live, desired, expected


def environment(folder, text):
    """Writes a drsync environment named `bench` below a folder."""
    path = os.path.join(folder, "environments", "bench")
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "main.toml"), "w") as file:
        file.write(text)


def head(endpoint):
    aws = '{ account = "%s", region = "us-east-1", path_style = true, endpoints = { route53 = "%s", s3 = "%s", sts = "%s" } }'
    aws %= (ACCOUNT, endpoint, endpoint, endpoint)
    # The bench measures drsync, not its politeness.
    limits = "[limits]\nroute53_requests_per_second = 1000\nroute53_burst = 1000\ns3_requests_per_second = 1000\n"
    return "[global]\naws = %s\n[site.east]\nrole = \"primary\"\naws = %s\n%s" % (aws, aws, limits)


def dns_toml(endpoint, records, zone_id=None):
    identity = 'id = "%s"\n' % zone_id if zone_id else ""
    lines = [head(endpoint), '[[route53_zone]]\nname = "%s"\nadopt = true\n%s' % (ZONE, identity)]
    for one in records:
        lines.append(
            '[[route53_record]]\nzone = "%s"\nname = "%s"\ntype = "%s"\nttl = "%ds"\nvalues = [%s]\n'
            % (ZONE, one["name"], one["type"], one["ttl"], json.dumps(one["value"]))
        )
    return "\n".join(lines)


def octodns(folder, records):
    """The same zone for octoDNS."""
    zones = os.path.join(folder, "octodns", "zones")
    os.makedirs(zones, exist_ok=True)
    config = os.path.join(folder, "octodns", "config.yaml")
    with open(config, "w") as file:
        file.write(
            "manager: {max_workers: 1}\nproviders:\n"
            "  config: {class: octodns.provider.yaml.YamlProvider, directory: %s, default_ttl: 300}\n"
            "  r53: {class: octodns_route53.Route53Provider, access_key_id: '%s', secret_access_key: made-up, get_zones_by_name: true}\n"
            "zones:\n  %s.: {sources: [config], targets: [r53]}\n" % (zones, ACCOUNT, ZONE)
        )
    with open(os.path.join(zones, ZONE + ".yaml"), "w") as file:
        file.write("---\n")
        for one in sorted(records, key=lambda one: one["name"]):
            value = json.dumps(one["value"])
            file.write("%s: {ttl: %d, type: %s, value: %s}\n" % (one["name"], one["ttl"], one["type"], value))
    return config


def buckets(endpoint, differing):
    """100 buckets: 95 as desired, 5 bare; `differing` also wants 10 other destinations and the 5."""
    lines, expected = [head(endpoint)], set()
    for i in range(100):
        name, bare = "bench-primary-%03d" % i, i >= 95
        destination = "bench-dr-%03d" % i
        if bare and not differing:
            continue
        if differing and i < 10:
            destination = "bench-dr-alt"
            expected.add("east/bucket_replication/" + name)
        if bare:
            expected |= {"east/bucket_replication/" + name, "east/bucket_versioning/" + name}
        lines.append(
            '[[bucket]]\nname = "%s"\nsite = "east"\nadopt = true\nversioning = { status = "enabled" }\n'
            'replication = { role = "%s", rules = [{ id = "all", status = "enabled", priority = 1, destination = { bucket = "%s" } }] }\n'
            % (name, ROLE, destination)
        )
    return "\n".join(lines), expected
