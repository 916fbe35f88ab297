"""Texts and JSON made wrong out of right ones (https://lcamtuf.coredump.cx/afl/technical_details.txt)."""

from fhir_registry.fhir import json

XHTML = '"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">%s</div>"'
# What may stand in the place of any JSON value, as text: nothing here has to be JSON.
RAW = (
    "null", "true", "false", "0", "-0", "-1", "1.0", "1.10", "1e3", "1E400", "-1e-400", "1e99999999999", "01", "1.",
    ".5", "0.1234567890123456789", "9" * 18, "9" * 19, "9" * 64, "9" * 65, "1e" + "9" * 62, "2147483648", "NaN",
    "-Infinity", '""', '" "', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\ude00\\ud83d"', '"\\ufffe"', '"\\\\"',
    '"\\x"', '"\t"', '"\\n"', '"\u202e"', '"e\u0301"', '"\U0001f600"', '"' + "x" * 3000 + '"',
    '"' + "\u6f22" * 1000 + '"', "[]", "{}", "[[]]", "[null]", "[null,null]", "[{}]", '{"a":{}}', '{"a":1,"a":2}',
    '{"":1}', '{"id":"a"}', '{"extension":[]}', '{"value":1}',
    '{"extension":[{"url":"http://a.example/x","valueString":"x"}]}', '{"reference":"#a"}',
    '{"reference":"Patient/a"}', '{"resourceType":"Patient"}', '{"resourceType":"Bundle"}',
    '[{"resourceType":"Patient","id":"a"}]', '"2020-02-30"', '"9999-12-31"', '"0001-01-01T00:00:00+14:00"',
    '"9999-12-31T23:59:60-14:00"', '"2020-01-01T10:00"', '"Patient/a"',
    '"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"', '"http://[::1"', '"http://a.example/x|2"', '"YQ=="', '"final"',
    *("[" * n + "]" * n for n in (30, 63, 64, 65, 1000, 100_000)), *('{"a":' * n + "1" + "}" * n for n in (64, 5000)),
    *('{"extension":[' * n + "{}" + "]}" * n for n in (20, 32)), '{"contained":[' * 10 + "]}" * 10,
    XHTML % "<!---->" * 40, XHTML % "&nbsp;&lt;&x;", XHTML % ("<p>" * 99 + "</p>" * 99), XHTML % ("<b>" * 300),
    XHTML % "<![CDATA[x]]>", XHTML % "<img src=\\\"javascript:x\\\"/>", XHTML % "<a:b xmlns:a=\\\"x\\\"/>",
    XHTML % "",
)  # fmt: skip
MARK = "@@here@@"
TOKENS = (
    b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"\r\n", b"\x1f\x8b", b"%",
    b"\\", b'"', b"'", b"&", b"<", b">", b"{", b"}", b"[", b"]", b",", b":", b";", b"=", b"-", b"+", b".", b"0", b"9",
    b" ", b"/", b"|", b"$",
)  # fmt: skip
MOST_BYTES = 200_000


def mutate_bytes(rng, data, tokens=TOKENS, others=()):
    """`data` (bytes) with one to four changes. tokens: what may be put in; others: texts that it may go on with."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        start = rng.randrange(len(changed) + 1)
        end = min(len(changed), start + int(rng.expovariate(0.1)) + 1)
        change = rng.randrange(8)
        if change == 0 and changed:
            changed[start - 1] ^= 1 << rng.randrange(8)
        elif change == 1:
            del changed[start:end]
        elif change == 2:
            changed[start:start] = changed[start:end] * rng.choice((1, 2, 50))
        elif change == 3:
            del changed[start:]
        elif change == 4 and others:
            other = rng.choice(others)
            changed[start:] = other[rng.randrange(len(other) + 1) :]
        elif change == 5:
            changed[start:end] = rng.choice(tokens)
        else:
            changed[start:start] = rng.choice(tokens) * rng.choice((1, 1, 1, 1, 2, 300))
    return bytes(changed[:MOST_BYTES])


def mutate_text(rng, text, tokens, others=()):
    """As mutate_bytes, for text; what is no UTF-8 any more becomes something else."""
    encoded = [other.encode() for other in others[:50]]
    return mutate_bytes(rng, text.encode(), [token.encode() for token in tokens], encoded).decode(errors="replace")


def mutate_json(rng, data, raw=RAW):
    """JSON (bytes) with one to three members changed; may not be JSON any more. raw: texts that values become."""
    value = json.parse(data)
    literals = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        places = list(places_in(value))
        if not places:
            break
        holder, key = rng.choice(places)
        change = rng.randrange(7)
        if change <= 2:
            before, holder[key] = holder[key], f"{MARK}{len(literals)}@"
            alike = [text for text in raw if text[:1] == json.dumps(before)[:1].decode()] if rng.random() < 0.5 else ()
            literals.append(rng.choice(alike or raw))
        elif change == 3:
            del holder[key]
        elif change == 4:
            holder[key] = [holder[key]] * rng.choice((1, 2, 30))
        elif change == 5 and isinstance(holder, dict):
            name = rng.choice((f"{key}X", f"_{key}", key[:-1], "extension", "contained", "id", "modifierExtension"))
            holder[name] = holder.pop(key)
        else:
            other, name = rng.choice(places)
            holder[key] = _copied(
                other.get(name) if isinstance(other, dict) else (other or [None])[name % len(other or [0])]
            )
    text = json.dumps(value)
    for number, literal in enumerate(literals):
        text = text.replace(f'"{MARK}{number}@"'.encode(), literal.encode(errors="surrogatepass"))
    return text


def _copied(value):
    """What does not change when the original does, and cannot hold itself."""
    return json.parse(json.dumps(value))


def places_in(node):
    """(holder, key) of each member and item, at any depth."""
    for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places_in(node[key])
