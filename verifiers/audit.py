#!/usr/bin/env python3
"""Audits a downloaded OpenAIMS log with python3 and python3-cryptography alone; see README.md beside it.

    audit.py [--vkey FILE] [--older CHECKPOINT] [--proof FILE] FOLDER

Exit code 0: sound. 1: not sound, and the sentence says what is wrong. 2: called wrongly.
Formats: C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-proof; hashing as in RFC 6962.
"""
import argparse, base64, hashlib, hmac, json, os, re, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GROUPS = ("values", "people", "text", "links", "actor", "reason")


class Wrong(Exception):
    """What does not hold, as a sentence."""


def need(holds, sentence):
    if not holds:
        raise Wrong(sentence)


def sha(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha(b"\0" + entry)


def node_hash(left, right):
    return sha(b"\1" + left + right)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}")


def unbase64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    # Written back: two spellings of the same bytes would let a bit change unseen.
    need(data and base64.b64encode(data).decode() == text, f"{what} is not base64")
    return data


def number(text, what):
    need(re.fullmatch("0|[1-9][0-9]{0,15}", text) and int(text) < 2**53, f"{what} is not a whole number below 2^53")
    return int(text)


def read_vkey(text):
    """(name, key id, key) of a line `name+hash+base64`."""
    parts = text.strip().split("+", 2)
    need(len(parts) == 3 and parts[0], "the vkey must read name+hash+base64")
    key = unbase64(parts[2], "the key in the vkey")
    need(len(key) == 33 and key[0] == 1, "the vkey must hold an Ed25519 key (type 1)")
    key_id = sha(parts[0].encode() + b"\n" + key)[:4]
    need(key_id.hex() == parts[1], f"the vkey is damaged: its hash is {key_id.hex()}, it says {parts[1]}")
    return parts[0], key_id, Ed25519PublicKey.from_public_bytes(key[1:])


def open_checkpoint(note, vkey, what):
    """(size, root) of a checkpoint that the key signed."""
    name, key_id, key = vkey
    try:
        text, _, block = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Wrong(f"{what} is not UTF-8 text")
    need(text and block.endswith("\n"), f"{what} is not a signed note: text, empty line, signature lines")
    text, signed, others = text + "\n", False, []
    for line in block[:-1].split("\n"):
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "\u2014", f"{what} has a signature line that cannot be read")
        data = unbase64(parts[2], f"the signature of {parts[1]!r} in {what}")
        others.append(f"{parts[1]} {data[:4].hex()}")
        if parts[1] == name and data[:4] == key_id:
            try:
                key.verify(data[4:], text.encode())
            except InvalidSignature:
                raise Wrong(f"the signature of {name!r} does not fit {what}: it was changed")
            signed = True
    need(signed, f"{what} carries no signature of the key {name} {key_id.hex()}; it carries {', '.join(others[:5])}")
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and lines[0] == name, f"{what} is of the log {lines[0]!r}, expected {name!r}")
    root = unbase64(lines[2], f"the root in {what}")
    need(len(root) == 32, f"the root in {what} has {len(root)} bytes, expected 32")
    return number(lines[1], f"the size in {what}"), root


def roots(hashes, sizes):
    """Root of the tree of the first n hashes, for each n of sizes (RFC 6962 section 2.1)."""
    found, peaks = {}, []
    for n in range(len(hashes) + 1):
        if n in sizes:
            root = None
            for _, peak in reversed(peaks):
                root = peak if root is None else node_hash(peak, root)
            found[n] = root or sha(b"")
        if n < len(hashes):
            height, top = 0, hashes[n]
            while peaks and peaks[-1][0] == height:
                height, top = height + 1, node_hash(peaks.pop()[1], top)
            peaks.append((height, top))
    return found


def tile_path(kind, n, width):
    digits = f"{n:03d}" if n < 1000 else f"{n:0{(len(str(n)) + 2) // 3 * 3}d}"
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return f"tile/{kind}/" + "/".join(["x" + g for g in groups[:-1]] + groups[-1:]) + (f".p/{width}" if width < 256 else "")


def read_entries(folder, size):
    """The entries as far as they can be read, and what ended the reading before `size`, if anything did."""
    entries = []
    for n in range((size + 255) // 256):
        width = min(256, size - n * 256)
        path = tile_path("entries", n, width)
        try:
            data, at, here = read(os.path.join(folder, path)), 0, 0
        except Wrong as wrong:
            return entries, str(wrong)
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            if end > len(data) or at + 2 > len(data):
                return entries, f"{path}: entry {len(entries)} runs past the end of the file"
            entries.append(data[at + 2 : end])
            at, here = end, here + 1
        if here != width:
            return entries, f"{path} holds {here} entries, expected {width}"
    return entries, None


def read_hashes(folder, size):
    """The leaf hashes of tile/0, which say what entry is wrong; None when they are not there."""
    hashes = []
    for n in range((size + 255) // 256):
        width = min(256, size - n * 256)
        path = os.path.join(folder, tile_path(0, n, width))
        if not os.path.exists(path):
            return None
        data = read(path)
        need(len(data) == 32 * width, f"{tile_path(0, n, width)} has {len(data)} bytes, expected {32 * width}")
        hashes += [data[i : i + 32] for i in range(0, len(data), 32)]
    return hashes


def place_of_fault(hashes, right):
    """Says which entry is wrong. `right` are hashes that give the signed root."""
    i = next((i for i, h in enumerate(hashes) if i >= len(right) or h != right[i]), len(hashes))
    if i >= len(right):
        return f"after entry {i - 1} stands one that was not signed"
    if i == len(hashes):
        return f"entry {i} is missing"
    if hashes[i] in right:
        return f"entry {i} is not in its place: entry {right.index(hashes[i])} stands there"
    if hashes[i + 1 : i + 2] == [right[i]]:
        return f"an entry was put in before entry {i}"
    return f"entry {i} was changed"


def check_entries(entries, trouble, folder, size, root):
    hashes = [leaf_hash(entry) for entry in entries]
    same = trouble is None and roots(hashes, {size})[size] == root
    tiles = read_hashes(folder, size)
    if same:
        for i, tile in enumerate(tiles or []):
            need(tile == hashes[i], f"tile/0 is wrong at entry {i}: the entries give the signed root, the tile does not")
        return hashes
    reason = trouble or f"the {size} entries do not give the signed root {base64.b64encode(root).decode()}"
    if tiles is None or roots(tiles, {size})[size] != root:
        raise Wrong(f"{reason}; which entry is wrong cannot be said: no tile/0 that gives the signed root is here")
    raise Wrong(f"{place_of_fault(hashes, tiles)}; {reason}")


def check_histories(entries):
    """Versions of each record follow one another, and each names the entry before it."""
    last = {}
    for i, data in enumerate(entries):
        entry = json.loads(data)
        if entry["type"] == "record":
            version, digest = last.get(entry["id"], (0, None))
            need(entry["version"] == version + 1, f"entry {i} is version {entry['version']} of record {entry['id']}, expected {version + 1}")
            need(entry.get("prev") == digest, f"entry {i} does not name the entry before it of record {entry['id']}")
            last[entry["id"]] = (version + 1, "sha256:" + sha(data).hex())


def jcs(value):
    """Canonical JSON, RFC 8785."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(jcs(k) + ":" + jcs(value[k]) for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        mantissa, _, exponent = repr(value).partition("e")
        if not exponent:
            return mantissa
        if -7 < int(exponent) < 0:
            return f"{value:.{len(mantissa.replace('.', '').lstrip('-')) - 1 - int(exponent)}f}"
        return f"{mantissa}e{int(exponent):+d}"
    return json.dumps(value, ensure_ascii=False)


def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "a field stands twice in the disclosure")
    return dict(pairs)


def check_disclosure(file):
    """Entry, index and proof text of a disclosure whose shown values are those the entry committed to."""
    data = unbase64(file["entry"], '"entry" of the disclosure')
    committed = json.loads(data).get("c", {})
    shown = file["disclosed"]
    need(sorted([*shown, *file["withheld"]]) == sorted(committed), '"disclosed" and "withheld" do not name what the entry holds')
    for group, opened in shown.items():
        message = f"aims-commit/v1\n{group}\n{jcs(opened['value'])}".encode()
        mac = hmac.new(bytes.fromhex(opened["salt"]), message, "sha256").hexdigest()
        need(group in GROUPS and hmac.compare_digest(mac, committed[group]), f'"{group}" is not what entry {file["index"]} committed to')
    return data, file["index"], file["proof"]


def check_proof(path, vkey, hashes):
    """Returns (size, root) of the checkpoint in the proof."""
    text = read(path).decode()
    entry, claimed = None, None
    if text.lstrip().startswith("{"):
        entry, claimed, text = check_disclosure(json.loads(text, object_pairs_hook=unique))
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", f"{path} is neither a disclosure nor a tlog-proof")
    lines = [line for line in lines[1:] if not line.startswith("extra ")]
    need(lines and lines[0].startswith("index "), "the proof has no line with its index")
    index = number(lines[0][6:], "the index in the proof")
    need(claimed in (None, index), f"the disclosure is of entry {claimed}, its proof of entry {index}")
    size, root = open_checkpoint(note.encode(), vkey, "the checkpoint in the proof")
    need(entry is not None or index < len(hashes), f"entry {index} is not in the folder, which holds {len(hashes)}")
    leaf = leaf_hash(entry) if entry is not None else hashes[index]
    need(index >= len(hashes) or leaf == hashes[index], f"the disclosure shows another entry {index} than the log holds")
    need(index < size, f"the proof is of entry {index} in a log of {size}")
    fn, sn, top = index, size - 1, leaf  # RFC 9162 section 2.1.3.2
    for i, line in enumerate(lines[1:]):
        sibling = unbase64(line, f"hash {i + 1} of the proof")
        need(sn > 0 and len(sibling) == 32, "the proof is longer than it can be")
        if fn & 1 or fn == sn:
            top = node_hash(sibling, top)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            top = node_hash(top, sibling)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and top == root, f"the proof does not lead from entry {index} to the signed root")
    return size, root


def main():
    parser = argparse.ArgumentParser(description="Audits a downloaded log: signature, every entry, append-only, proofs.")
    parser.add_argument("folder")
    parser.add_argument("--vkey", help="file with the key you were handed; FOLDER/vkey unless given")
    parser.add_argument("--older", help="a checkpoint kept from before")
    parser.add_argument("--proof", help="a .tlog-proof or a disclosure")
    ask = parser.parse_args()
    vkey = read_vkey(read(ask.vkey or os.path.join(ask.folder, "vkey")).decode())
    size, root = open_checkpoint(read(os.path.join(ask.folder, "checkpoint")), vkey, "the checkpoint")
    entries, trouble = read_entries(ask.folder, size)
    hashes = check_entries(entries, trouble, ask.folder, size, root)
    check_histories(entries)
    done = []
    for what, path in (("older checkpoint", ask.older), ("proof", ask.proof)):
        if path is None:
            continue
        if what == "proof":
            old, old_root = check_proof(path, vkey, hashes)
        else:
            old, old_root = open_checkpoint(read(path), vkey, "the older checkpoint")
        need(old <= size or what == "proof", f"the older checkpoint signs {old} entries, this log has only {size}: it went back")
        need(old > size or roots(hashes, {old})[old] == old_root, f"the {what} signs another history: the first {old} entries give another root")
        done.append(f"{what} of {old} entries holds")
    print(f"Sound: {size} entries of {vkey[0]} give the signed root {base64.b64encode(root).decode()}" + "".join("; " + d for d in done) + ".")


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        print(f"Not sound: {wrong}.")
        sys.exit(1)
    except Exception as error:  # whatever a hostile file does, the answer is never "sound"
        print(f"Not sound: a file cannot be read ({type(error).__name__}: {error}).")
        sys.exit(1)
