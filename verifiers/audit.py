#!/usr/bin/env python3
"""Audits a downloaded OpenAIMS log, or an audit pack, with python3 and python3-cryptography alone; see README.md beside it.

    audit.py [--vkey FILE] [--witness FILE] [--older CHECKPOINT]… [--proof FILE] FOLDER
    audit.py [--vkey FILE] [--witness FILE] [--older CHECKPOINT]… PACK.zip|FOLDER

Exit code 0: sound. 1: not sound, and what is wrong is said. 2: called wrongly, or no pack.
Formats: C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-proof; hashing as in RFC 6962.
"""
import argparse, base64, contextlib, datetime, decimal, hashlib, hmac, io, json, os, re, stat, struct, sys, zipfile, zlib
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GROUPS = ("values", "people", "text", "links", "actor", "reason")


class Wrong(Exception):
    """What does not hold, as a sentence."""


def clean(text):
    """One line of text that is safe to show: names come from others, and control characters in them could repaint the terminal with a verdict."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in str(text))


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


def read_vkey(text, kind=1):
    """(name, key id, key, kind) of a line `name+hash+base64`; kind 1 signs a log, kind 4 is a witness."""
    parts = text.strip().split("+", 2)
    need(len(parts) == 3 and parts[0], "the vkey must read name+hash+base64")
    key = unbase64(parts[2], "the key in the vkey")
    need(len(key) == 33 and key[0] == kind, f"the vkey must hold an Ed25519 key (type {kind})")
    key_id = sha(parts[0].encode() + b"\n" + key)[:4]
    need(key_id.hex() == parts[1], f"the vkey is damaged: its hash is {key_id.hex()}, it says {parts[1]}")
    return parts[0], key_id, Ed25519PublicKey.from_public_bytes(key[1:]), kind


def open_note(note, keys, what):
    """Text of a signed note, and the names of those keys that signed it; to that of a witness the time it signed is added."""
    try:
        text, _, block = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Wrong(f"{what} is not UTF-8 text")
    need(text and block.endswith("\n"), f"{what} is not a signed note: text, empty line, signature lines")
    text, signed, others = text + "\n", [], []
    for line in block[:-1].split("\n"):
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "\u2014", f"{what} has a signature line that cannot be read")
        data = unbase64(parts[2], f"the signature of {parts[1]!r} in {what}")
        need(len(data) > 4, f"the signature of {parts[1]!r} in {what} is too short")
        others.append(f"{parts[1]} {data[:4].hex()}")
        for name, key_id, key, kind in keys:
            if parts[1] == name and data[:4] == key_id:
                signature, message, at = data[4:], text, ""
                if kind == 4:  # C2SP tlog-cosignature v1
                    time, signature = int.from_bytes(data[4:12], "big"), data[12:]
                    message = f"cosignature/v1\ntime {time}\n{text}"
                    at = f" at {datetime.datetime.fromtimestamp(min(time, 2**35), datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
                try:
                    key.verify(signature, message.encode())
                except InvalidSignature:
                    raise Wrong(f"the signature of {name!r} does not fit {what}: it was changed")
                signed.append(name + at)
    wanted = " or ".join(f"{key[0]} {key[1].hex()}" for key in keys[:5])
    need(signed, f"{what} carries no signature of the key {wanted}; it carries {', '.join(others[:5])}")
    return text, signed


def read_head(text, origin, what):
    """(size, root) of the text of a checkpoint."""
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and lines[0] == origin, f"{what} is of the log {lines[0]!r}, expected {origin!r}")
    root = unbase64(lines[2], f"the root in {what}")
    need(len(root) == 32, f"the root in {what} has {len(root)} bytes, expected 32")
    return number(lines[1], f"the size in {what}"), root


def open_checkpoint(note, keys, what):
    """(size, root) of a checkpoint that one of the keys signed."""
    return read_head(open_note(note, keys, what)[0], keys[0][0], what)


def cosigned(note, witnesses, what):
    return "".join(f"; cosigned by {open_note(note, [key], what)[1][0]}" for key in witnesses)


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
            here, trouble = split_bundle(read(os.path.join(folder, path)), width, n * 256)
        except Wrong as wrong:
            return entries, str(wrong)
        entries += here
        if trouble:
            return entries, path + trouble
    return entries, None


def split_bundle(data, width, first):
    """The entries of a bundle as far as they can be read, and what is wrong with it."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            return entries, f": entry {first + len(entries)} runs past the end of the file"
        entries.append(data[at + 2 : end])
        at = end
    return entries, None if len(entries) == width else f" holds {len(entries)} entries, expected {width}"


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


def place_of_fault(hashes, right, first=0):
    """Says which entry is wrong, counted from `first`. `right` are hashes that give the signed root."""
    i = next((i for i, h in enumerate(hashes) if i >= len(right) or h != right[i]), len(hashes))
    if i >= len(right):
        return f"after entry {first + i - 1} stands one that was not signed"
    if i == len(hashes):
        return f"entry {first + i} is missing"
    if hashes[i] in right:
        return f"entry {first + i} is not in its place: entry {first + right.index(hashes[i])} stands there"
    if hashes[i + 1 : i + 2] == [right[i]]:
        return f"an entry was put in before entry {first + i}"
    return f"entry {first + i} was changed"


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


def jcs(value, order=lambda names: sorted(names, key=lambda k: k.encode("utf-16-be"))):
    """Canonical JSON, RFC 8785; with another `order` of names what JavaScript writes."""
    if isinstance(value, dict):
        return "{" + ",".join(jcs(k) + ":" + jcs(value[k], order) for k in order(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(jcs(v, order) for v in value) + "]"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e21:
            # Above 2^53 the digits that tell it from its neighbours, then zeros.
            return str(int(value)) if abs(value) < 2**53 else format(decimal.Decimal(repr(value)), "f")
        mantissa, _, exponent = repr(value).partition("e")
        if not exponent:
            return mantissa
        if -7 < int(exponent) < 0:
            return f"{value:.{len(mantissa.replace('.', '').lstrip('-')) - 1 - int(exponent)}f}"
        return f"{mantissa}e{int(exponent):+d}"
    return json.dumps(value, ensure_ascii=False)


def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "a field stands twice")
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


def check_proof(path, keys, hashes):
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
    size, root = open_checkpoint(note.encode(), keys, "the checkpoint in the proof")
    need(entry is not None or index < len(hashes), f"entry {index} is not in the folder, which holds {len(hashes)}")
    leaf = leaf_hash(entry) if entry is not None else hashes[index]
    need(index >= len(hashes) or leaf == hashes[index], f"the disclosure shows another entry {index} than the log holds")
    need(index < size, f"the proof is of entry {index} in a log of {size}")
    check_inclusion(index, size, leaf, lines[1:], root)
    return size, root


def check_inclusion(index, size, leaf, proof, root):
    """RFC 9162 section 2.1.3.2."""
    fn, sn, top = index, size - 1, leaf
    for i, line in enumerate(proof):
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


# The rest reads audit packs, format openaims.audit-pack/1.

# 0.1.0 read the clock twice for changes of several records at once: rows of such versions say a time up to some seconds after their entry's.
# The entry's time is what is signed, and the difference is told. Where the log says that rows carry the time of their entries none may be late.
MAX_LATE_MS = 10_000
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)

MAX_UNPACKED, MAX_FILES, MAX_RATIO, MAX_LINE, MAX_LISTED = 4 << 30, 1_000_000, 1000, 256 << 20, 100


# What references of a register begin with. No log commits to it; a register that is not named here sets it with its first record.
# prefixes: begin (npm run generate)
PREFIXES = {
    "action": "ACT", "aiSystem": "SYS", "apiKey": "KEY", "audit": "AUD", "auditFinding": "FND",
    "change": "CHG", "comment": "CMT", "communication": "COM", "component": "CMP", "concern": "CON",
    "contextIssue": "CTX", "control": "CTL", "criteria": "CRI", "decision": "DEC", "document": "DOC",
    "drill": "DRL", "evidence": "EVD", "gateDecision": "GAT", "hazard": "HAZ", "impactAssessment": "IMA",
    "incident": "INC", "interestedParty": "PTY", "logChange": "LOG", "managementReview": "MRV",
    "monitor": "MON", "nonconformity": "NCN", "objective": "OBJ", "person": "PSN", "process": "PRC",
    "release": "REL", "requirement": "REQ", "responsibility": "RSP", "risk": "RSK", "riskAssessment": "RAS",
    "rollbackPlan": "RBP", "supplier": "SUP", "testRun": "TST", "verificationPlan": "VPL",
}
# prefixes: end

# Columns that tables of 0.1.0 have also when no record says anything there; later ones have no such columns.
# columns: begin (npm run generate)
COLUMNS = """
action: title kind owner plan dueOn criterion verifier exposureDays exposureCases casesSeen doneOn result costs nonconformities risks
  objectives suppliers evidence
aiSystem: name purpose audience owner approver oversight isoRoles stage riskClass inScope scopeReason servedModel suppliers organisationRole
apiKey: label role expires
audit: title kind owner auditors objectives criteria scope from to coversFrom coversTo declaration report conclusion result programme
  systems processes
auditFinding: title grade criterion fact owner answer answerBy audit systems evidence
change: title owner kind description impact rollback envelopeKinds endsOn releaseDigest onCall notes systems releases components plan
  incident
comment: subject content mentions
communication: title owner kind audience channel content plannedFor sentOn systems parties duties evidence
component: name kind componentVersion digest supplierDeclared servedAs source licence rights provenance quality notes systems derivedFrom
  supplier
concern: title content from anonymous about owner answerBy examination answer messages systems
contextIssue: title kind owner effect relevant opportunity response reviewBy systems
control: code title owner applicable why implementation automation otherRegister reviewBy systems requirements documents
criteria: title owner mode method likelihoodScale impactScale appetite acceptAtLevel measuredLikelihood cleanSeries gatePolicy intervals
  retention replaces change
decision: kind subject subjectVersion subjectDigest ownDigest coverDigest covered role by rolesHeld appointment onBehalfOf manner reason
  until method recordedBy saidOn source
document: title kind owner body address attachment externalEdition audience acknowledgedBy readers summary retention reviewBy template
  systems requirements untouched
drill: title kind owner heldOn duration outcome observations notes rollbackPlan evidence
evidence: title file fileName bytes mediaType format formatVersion capturedAt receivedAt coversFrom coversTo claim trust collector release
gateDecision: title verdict riskClass subjectDigest basis allowedUntil told policyRef policyDigest checks logSize logRoot attestation
  release
hazard: code title severity category description testIds systems
impactAssessment: title owner heldOn purposeAndUse affected benefits impacts individuals society consulted conclusion reasons triggers
  nextOn systems parties risks
incident: title severity owner what knownAt harm containedAt containment cause reportable reportBy lessons systems release risks concerns
  communications evidence
interestedParty: name kind owner needs addressed commitments channel reviewBy systems
logChange: kind subject basis reason detail
managementReview: title owner heldOn attendees inputs inputsAt reasons minutes decisions nextOn actions previous
monitor: title kind owner what threshold direction unit interval keptFor reviewBy readings latest latestOn systems controls hazards
  withinLimit
nonconformity: title kind owner foundOn criterion what correction cause elsewhere recurring findings incidents concerns systems changes
  risks
objective: title owner about target direction unit measure plan dueOn readings latest latestOn systems policies onTarget
person: name email roles guest manager
process: title owner inputs outputs steps criteria reviewBy before suppliers documents systems
release: title releaseVersion kind purpose dataClasses overseer useUntil clearedModel notes system components change plan rollbackPlan
  supplier previous
requirement: title kind owner source address content applies why met reportTo reportWithin reviewBy systems parties plans
responsibility: title kind owner part activity duties competence competenceShown delegator startsOn endsOn systems evidence
risk: title owner scenario affects likelihood impactOrganisation impactIndividuals impactSociety treatment treatmentPlan residualLikelihood
  residualOrganisation residualIndividuals residualSociety frequencyLow frequencyHigh lossLow lossHigh currency estimateBasis reviewBy
  systems hazards controls criteria impact level residualImpact residualLevel expectedLoss
riskAssessment: title owner heldOn participants occasion summary nextOn systems risks criteria
rollbackPlan: title target steps triggers maxDuration system
supplier: name supplies owner website contact responsibilities assessment assessedOn nextReview otherRegister
testRun: title kind tool toolVersion toolRunId status startedAt endedAt receivedAt total pass fail error skipped inconclusive hazards
  subjectName subjectVersion subjectDigest trust findings evidence release failRate
verificationPlan: title metric threshold minCases maxInconclusive hazardsRequired approach system hazards
"""
# columns: end


def columns_of_first_release(register):
    """Names that follow the register's, up to that of the next."""
    words = COLUMNS.split()
    after = words[words.index(register + ":") + 1 :] if register + ":" in words else []
    return set(after[: next((i for i, word in enumerate(after) if word.endswith(":")), len(after))])


# One name, for all systems: no spaces, no hidden files, nothing that leads out of the folder it is unpacked in.
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
# The only names a pack has. One that is not among them is nobody's: what lies there was checked by nothing.
TILE = r"tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?"
NAMES = re.compile(
    r"pack\.json|README\.md|verify\.html|verifiers/(audit\.py|audit\.go|README\.md)"
    rf"|log/(vkey|policy|checkpoints\.jsonl|as-of|(former/[1-9][0-9]{{0,5}}/)?(checkpoint|{TILE}))"
    r"|stamps/([0-9]{1,16}\.(body|tsr)|chain-[0-9]{1,6}\.pem)"
    r"|(records/[A-Za-z][A-Za-z0-9]{0,63}\.jsonl|documents/[A-Za-z][A-Za-z0-9]{0,63}\.csv)"
    r"|evidence/(index\.jsonl|[0-9a-f]{64})|decisions/[A-Z]{3}-[0-9]{4,9}\.dsse\.json"
)


class NotAPack(Exception):
    """Nothing that could be audited."""


class Files:
    """The files of a pack by name: of a folder, of a ZIP, or (as bytes) of a test."""

    def __init__(self, path):
        self.zip = None
        if os.path.isdir(path):
            self.at = {}
            for folder, folders, files in os.walk(path):
                for name in folders + files:
                    full = os.path.join(folder, name)
                    mode = os.lstat(full).st_mode
                    need(stat.S_ISREG(mode) or stat.S_ISDIR(mode), f"{full} is not a plain file")
                    if stat.S_ISREG(mode):
                        self.at[os.path.relpath(full, path).replace(os.sep, "/")] = full
            self.one_of_each()
            return
        try:
            self.zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise NotAPack(f"{path} is not a ZIP: {error}")
        members = self.zip.infolist()
        if sum(m.file_size for m in members) > MAX_UNPACKED or len(members) > MAX_FILES:
            raise NotAPack(f"it holds more than {MAX_UNPACKED} bytes or {MAX_FILES} files")
        self.at = {}
        for m in members:
            if m.file_size > (1 << 20) + MAX_RATIO * m.compress_size:
                raise NotAPack(f"{m.filename!r} unpacks to more than {MAX_RATIO} times its size")
            if not SAFE_NAME.fullmatch(m.orig_filename) or len(m.orig_filename) > 300 or m.flag_bits & ~0x080E or m.compress_type not in (0, 8):
                raise NotAPack(f"the file name {m.orig_filename[:100]!r}, or how it is packed, is not allowed")
            if m.filename in self.at:
                raise NotAPack(f"{m.filename!r} is in it twice")
            self.at[m.filename] = m
        self.one_of_each()
        try:
            with open(path, "rb") as file:
                check_layout(file, os.path.getsize(path), members)
        except OSError as error:
            raise NotAPack(f"{path} cannot be read: {error.strerror}")
        if "pack.json" not in self.at:
            raise NotAPack(f"{path} holds no pack.json")

    def one_of_each(self):
        """Two names that differ in case are one file on some systems."""
        folded = {}
        for name in self.at:
            if folded.setdefault(name.lower(), name) != name:
                raise NotAPack(f"{name!r} is in it twice, in capitals and small letters")

    def open(self, name):
        need(name in self.at, f"{name} is missing")
        return io.BufferedReader(Member(self.zip.filename, self.at[name]), 1 << 16) if self.zip else open(self.at[name], "rb")

    def read(self, name):
        with self.open(name) as file:
            data = file.read(MAX_LINE + 1)
        need(len(data) <= MAX_LINE, f"{name} is too long")
        return data

    def sha256(self, name):
        """Digest in hex, and length."""
        digest, length = hashlib.sha256(), 0
        with self.open(name) as file:
            for data in iter(lambda: file.read(1 << 20), b""):
                digest.update(data)
                length += len(data)
        return digest.hexdigest(), length

    def under(self, folder):
        return sorted(name for name in self.at if name.startswith(folder))


class Member(io.RawIOBase):
    """The bytes of a file in a ZIP. Packed and unpacked, they are as many as the ZIP says: programs that read a ZIP from its beginning go on
    where a file ends, and what stood behind it would be files that only they find."""

    def __init__(self, path, member):
        self.file, self.member = open(path, "rb"), member
        self.file.seek(member.header_offset + 30 + len(member.orig_filename))
        self.left, self.length, self.crc = member.compress_size, 0, 0
        self.unpack = zlib.decompressobj(-15) if member.compress_type else None

    def readable(self):
        return True

    def close(self):
        self.file.close()
        super().close()

    def readinto(self, room):
        data = packed = None
        while not data and packed != b"":
            packed = self.unpack.unconsumed_tail if self.unpack else b""
            if not packed:
                packed = self.file.read(min(len(room), self.left))
                self.left -= len(packed)
            data = self.unpack.decompress(packed, len(room)) if self.unpack else packed
            need(not (self.unpack and self.unpack.unused_data), "it ends before the place that the ZIP says: something stands behind it")
        self.length, self.crc = self.length + len(data), zlib.crc32(data, self.crc)
        need(self.length <= self.member.file_size, "it is longer than the ZIP says")
        if not data:
            need(self.left == 0 and self.length == self.member.file_size and (self.unpack is None or self.unpack.eof), "it is cut off")
            need(self.crc == self.member.CRC, "it is damaged: its checksum in the ZIP is another one")
        room[: len(data)] = data
        return len(data)


def check_layout(file, size, members):
    """One file after the other, from the first byte to the directory: no gaps, nothing before, behind or in between that other programs would
    read, no links. Each file's own header says what the directory says."""

    def stop_unless(holds, sentence):
        if not holds:
            raise NotAPack(sentence)

    def at(place, length):
        file.seek(max(0, place))
        data = file.read(length)
        stop_unless(len(data) == length, "it ends too early")
        return data

    sig, disk, first, here, count, length, begin, comment = struct.unpack("<IHHHHIIH", at(size - 22, 22))
    stop_unless(sig == 0x06054B50 and comment == 0, "something stands behind its directory")
    stop_unless((disk, first, here, count) == (0, 0, len(members), len(members)) and begin + length == size - 22, "there is something before its first file, or behind its directory")
    stop_unless(length == sum(46 + len(m.orig_filename) for m in members), "its directory holds more than the names of files: take the file as it was made")
    place = 0
    for m in sorted(members, key=lambda m: m.header_offset):
        kind = m.external_attr >> 16 & 0xF000
        stop_unless(kind in (0, 0x8000) and not m.external_attr & 0x10, f"{m.filename!r} is not a plain file but a link, a folder or a device")
        stop_unless(m.header_offset == place, f"{m.filename!r} does not follow the file before it: there is something in between, or they overlap")
        name, sizes = m.orig_filename.encode(), (m.CRC, m.compress_size, m.file_size)
        sig, _, flags, method, _, *own, n, extra = struct.unpack("<IHHHIIIIHH", at(place, 30))
        streamed = flags & 8
        alike = all(a == b or (streamed and a == 0) for a, b in zip(own, sizes))
        stop_unless(
            (sig, flags, method, n, extra) == (0x04034B50, m.flag_bits, m.compress_type, len(name), 0) and alike and at(place + 30, n) == name,
            f"{m.filename!r} says something else in its own header than the directory does",
        )
        place += 30 + n + m.compress_size
        if streamed:
            stop_unless(struct.unpack("<IIII", at(place, 16)) == (0x08074B50, *sizes), f"{m.filename!r} is not followed by its size and checksum")
            place += 16
    stop_unless(place == begin, "there is something between its last file and its directory")


def fields(value, names):
    """Strict: an object with exactly these fields."""
    need(isinstance(value, dict) and sorted(value) == sorted(names.split()), f"it must hold {names}")
    return value


def no_constant(name):
    raise Wrong(f"{name} is no number of JSON")


def number_of(text):
    """A number in the one spelling that it has in canonical JSON; another one would be another number to some programs."""
    value = float(text)
    need(value - value == 0, f"{text} is no number of JSON")
    need(jcs(value) == text, f"{text[:40]} is not how this number is written")
    return int(text) if re.fullmatch("-?[0-9]+", text) else value


# Written without blanks, and with no more escapes than are needed.
SPELT = re.compile(r'''(?:[^"\\\x00-\x20]|"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[0-7be-f]|1[0-9a-f]))*")*''')


def parse(data):
    return json.loads(data, object_pairs_hook=unique, parse_constant=no_constant, parse_float=number_of, parse_int=number_of)


def parse_line(data):
    """The object of a line in the one spelling that packs have."""
    need(SPELT.fullmatch(data), "the line is not spelt as packs are: it was written by hand")
    return fields_in_order(parse(data))


def fields_in_order(value):
    """Programs that write JSON put names that are numbers first; another order was written by hand."""
    if isinstance(value, dict):
        numbers = [k for k in value if re.fullmatch("0|[1-9][0-9]{0,9}", k) and int(k) < 2**32 - 1]
        need(not numbers or list(value)[: len(numbers)] == sorted(numbers, key=int), "names stand in an order that no program writes")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(inner, (dict, list)):
            fields_in_order(inner)
    return value


def whole(value, what):
    need(type(value) is int and 0 <= value < 2**53, f"{what} is not a whole number below 2^53")
    return value


def late_by(row, entry):
    """By how many milliseconds a row is later than its entry, where that is the known fault; else 0."""
    if entry["act"] == "import" or not all(isinstance(at, str) and INSTANT.fullmatch(at) for at in (row, entry["at"])):
        return 0
    try:
        there, here = (datetime.datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ") for at in (row, entry["at"]))
    except ValueError:
        return 0
    ms = (there - here) // datetime.timedelta(milliseconds=1)
    return ms if 0 < ms <= MAX_LATE_MS else 0


TABLE_HEAD = re.compile("ref((?:,[a-z][A-Za-z0-9]{0,63})*),state,version,createdAt,updatedAt\\n")


def parts_of(record):
    """Fields, links and derived values of the present record."""
    return [] if record["present"] is None else [record["present"][part] for part in ("values", "links", "derived")]


def cells_of(record, column):
    """The texts that a cell may have: one, but for what says nothing."""
    if column == "ref":
        return [record["ref"]]
    present, versions, parts = record["present"], record["versions"], parts_of(record)
    if not parts:
        return [""]  # its row was ahead of the log when the pack was made: nothing in the pack says what it said
    own = {"state": present["state"], "version": jcs(present["version"]), "createdAt": versions[0]["at"], "updatedAt": versions[-1]["at"]}
    if column in own:
        return [own[column]]
    kind = next((part for part in parts if column in part), {})
    value = kind.get(column)
    if value is None:
        return ["", "(empty)"]
    if kind is parts[2] and not isinstance(value, (dict, list)):
        return [value if isinstance(value, str) else jcs(value)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if value == []:
        return ["", "[]"]  # a list without words may be one of rows
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        # Words in one cell; one that holds the separator, a quotation mark or outer blanks stands in quotes.
        quoted = lambda w: '"' + w.replace('"', '""') + '"' if not w or re.search(r'[;"\r\n]', w) or w[0] in JS_BLANKS or w[-1] in JS_BLANKS else w
        value = "; ".join(map(quoted, value))
    if isinstance(value, str):
        # Text that a spreadsheet would run gets an apostrophe, and so does one that reads as the word for an emptied field.
        return ["'" + value if re.match(r"'*(?:\(empty\)\Z|[=+\-@\t\r])", value) else value]
    return [jcs(value, list)]


def written(cell):
    """A cell as it is written (RFC 4180): in quotes when it must be, and only then."""
    return '"' + cell.replace('"', '""') + '"' if re.search('[",\r\n]', cell) else cell


JS_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


class Log:
    """One log in a pack. An entry that is not there is None."""

    def __init__(self, at, number, says, state):
        self.at, self.number, self.origin = at, whole(number, "the number of a log"), says["origin"]
        self.size, self.root = whole(says["size"], "size"), unbase64(says["root"], "root")
        # Entries of the state that is shown; those after it say what was erased since.
        self.shown = self.size if state is None or number < state[0] else state[1] if number == state[0] else 0
        self.entries, self.hashes, self.of, self.seen = [], [], {}, set()
        self.keys, self.previous = [], None
        self.opened, self.lost_key, self.waited = None, None, []  # times of versions that were recorded before this log was opened
        self.exact_from = self.size  # from this entry on rows carry the time of their entries: the log says so
        self.told = says["vkeys"]  # for the first log of an organisation, whose first entry names no key


class Pack:
    """The checks of a pack in order. What is wrong is collected; the checks go on after it."""

    def __init__(self, files, vkey, witnesses, older=()):
        self.older = older
        self.files, self.vkey, self.witnesses = files, vkey, witnesses
        self.problems, self.count, self.facts = [], 0, ""
        self.logs, self.last, self.erased = [], {}, set()
        self.refs, self.included, self.versions = {}, set(), 0
        self.evidence, self.file_names, self.decisions = {}, {}, {}
        self.state = None  # (log, size) of an earlier state after which the logs go on
        self.late, self.late_count = [], 0
        self.exact = False  # an entry said so far that rows carry the time of their entries
        self.uncompared = 0  # records whose present state was ahead of the log when the pack was made
        with self.at("pack.json"):
            self.check_files()
            self.read_logs()
            for log in self.logs:
                self.check_history(log)
            with self.at("log/checkpoint"):
                self.check_keys()
            for name in files.under("records/"):
                self.check_records(name)
            self.check_complete()
            self.check_tables()
            self.check_attached()
            p, log = self.manifest, self.logs[-1]
            self.facts = (
                f"a pack of {p['name']} with {len(self.refs)} records in {self.versions} versions; {log.size} entries of {log.origin}"
                f" give the signed root {p['root']}{self.facts}"
                + ("" if p["system"] is None else f"; only records around {p['system']} are inside")
                + (f"; the present state of {self.uncompared} records was ahead of the log" if self.uncompared else "")
                + ("" if p["asOf"] is None else f"; the state after {p['asOf']['size']} entries")
                + ("" if self.state is None else f" of log {self.state[0]}, shown with later entries because parts were erased since")
            )

    def late_facts(self):
        if not self.late_count:
            return ""
        more = [f"and {self.late_count - len(self.late)} more"] if self.late_count > len(self.late) else []
        return (
            f"\nNote: {self.late_count} versions carry a time after that of their entry, a known fault of bulk changes, hand-overs and departures in 0.1.0."
            " The entry's time is the signed one:\n- " + "\n- ".join(self.late + more)
        )

    @contextlib.contextmanager
    def at(self, where):
        try:
            yield
        except Wrong as wrong:
            self.problem(where, str(wrong))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OSError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
            self.problem(where, f"it is not written as it must be ({type(error).__name__}: {error})")

    def problem(self, where, sentence):
        self.count += 1
        if self.count <= MAX_LISTED:
            self.problems.append(clean(f"{where}: {sentence}"))

    def verdict(self):
        if not self.count:
            return f"Sound: {clean(self.facts)}. Time stamps are not looked at.{self.late_facts()}"
        more = f"\n- and {self.count - MAX_LISTED} more" if self.count > MAX_LISTED else ""
        return f"Not sound: problems: {self.count}.\n- " + "\n- ".join(self.problems) + more

    def lines(self, name):
        """(where, object) of each line; one that cannot be read does not hide the next."""
        with self.at(name), self.files.open(name) as file:
            for n, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), 1):
                value = None
                with self.at(f"{name} line {n}"):
                    need(line.endswith(b"\n"), "the line does not end, or is too long")
                    value = parse_line(line.removesuffix(b"\n").decode())
                    need(isinstance(value, dict), "the line is not an object")
                if value is not None:
                    yield f"{name} line {n}", value

    def check_files(self):
        """Every file is the one pack.json names, and there are no others."""
        text = self.files.read("pack.json").decode()
        self.manifest = parse(text)
        need(text == json.dumps(self.manifest, indent=1, ensure_ascii=False) + "\n", "it is not spelt as packs are: it was written by hand")
        fields(self.manifest, "format origin log organisation name size root asOf system madeAt vkeys gateKey former files")
        need(self.manifest["format"] == "openaims.audit-pack/1", f"the format is {self.manifest['format']}, expected openaims.audit-pack/1")
        for member in ("origin", "organisation", "name", "madeAt", "gateKey"):
            need(isinstance(self.manifest[member], str), f'"{member}" is not a text')
        system = self.manifest["system"]
        need(system is None or isinstance(system, str) and re.fullmatch("[A-Z]{3}-[0-9]{4,9}", system), '"system" is a reference or null')
        listed = self.manifest["files"]
        for name in self.files.under(""):
            if name != "pack.json":
                with self.at(name):
                    need(name in listed, "pack.json does not name this file")
                    stray = name.startswith("documents/") and f"records/{name[10:].removesuffix('.csv')}.jsonl" not in self.files.at
                    need(NAMES.fullmatch(name) and not stray, "a pack has no such file")
                    found = self.files.sha256(name)[0]
                    need(found == listed[name], f"the file was changed: its SHA-256 is {found}, pack.json says {listed[name]}")
        for name in listed:
            if name not in self.files.at:
                self.problem(name, "the file is missing")

    def read_state(self):
        """The earlier state that is shown, when the logs go on after it."""
        says, size = self.manifest["asOf"], whole(self.manifest["size"], "size")
        if says is None:
            return
        if "log" not in says:
            need(whole(fields(says, "size at")["size"], "the size of asOf") == size, f"asOf is of {says['size']} entries, the log has {size}")
            return
        log, end = whole(fields(says, "log size at")["log"], "the log of asOf"), whole(says["size"], "the size of asOf")
        most = size - 1 if log == self.manifest["log"] else next((former["size"] for former in self.manifest["former"] if former["number"] == log), -1)
        need(0 < end <= most, f"asOf is of {end} entries of log {log}, which is no earlier state of a log in the pack")
        self.state = (log, end)

    def read_logs(self):
        with self.at("pack.json"):
            self.read_state()
        for former in self.manifest["former"]:
            fields(former, "number origin size root vkeys")
            self.read_log(Log(f"log/former/{whole(former['number'], 'a number')}/", former["number"], former, self.state))
        self.read_log(Log("log/", self.manifest["log"], self.manifest, self.state))
        numbers = [log.number for log in self.logs]
        need(numbers == list(range(1, len(numbers) + 1)), f"the logs {numbers} are not numbered from 1 without a gap")
        known = {"log/checkpoint", "log/vkey", "log/policy", "log/checkpoints.jsonl"} | {log.at + "checkpoint" for log in self.logs} | ({"log/as-of"} if self.state else set())
        for name in self.files.under("log/"):
            if name not in known and not any(name.startswith(log.at + "tile/") for log in self.logs):
                self.problem(name, "a pack has no such file")

    def read_log(self, log):
        """Reads entries and tiles, and locates what does not give the root of the checkpoint."""
        self.logs.append(log)
        with self.at(log.at + "checkpoint"):
            text = self.files.read(log.at + "checkpoint").decode().rpartition("\n\n")[0]
            size, root = read_head(text + "\n", log.origin, "the checkpoint")
            need((size, root) == (log.size, log.root), f"it is of {size} entries with another root or size than pack.json says")
        most = 256 * (len(self.files.under(log.at + "tile/entries/")) + 1)
        if log.size > most:
            self.problem(log.at + "checkpoint", f"it signs {log.size} entries, there are at most {most}")
            log.size, log.shown = most, min(log.shown, most)
        bundles = []
        for n in range((log.size + 255) // 256):
            width, here, trouble = min(256, log.size - n * 256), [], None
            name = log.at + tile_path("entries", n, width)
            try:
                here, trouble = split_bundle(self.files.read(name), width, n * 256)
            except Exception as error:
                trouble = f": {error}"
            bundles.append((name, n * 256, width, len(here), trouble))
            log.entries += (here + [None] * width)[:width]
        own = [leaf_hash(entry) if entry is not None else bytes(32) for entry in log.entries]
        tiles = self.leaf_tiles(log)
        sound = roots(own, {log.size})[log.size] == log.root
        located = not sound and roots(tiles, {log.size})[log.size] == log.root
        log.hashes = tiles if located else own
        for name, first, width, there, trouble in bundles:
            right = log.hashes[first : first + width]
            if own[first : first + width] != right:
                self.problem(name, place_of_fault(own[first : first + min(there, width)], right, first) + (f"; the bundle{trouble}" if trouble else ""))
            elif trouble:
                self.problem(name, "the bundle" + trouble)
        if not sound and not located:
            root = base64.b64encode(log.root).decode()
            self.problem(log.at + "checkpoint", f"the {log.size} entries do not give the signed root {root}; which are wrong, the inclusion proofs below tell")
        expected = {name for name, *_ in bundles} | self.compare_tiles(log)
        for name in self.files.under(log.at + "tile/"):
            if name not in expected:
                self.problem(name, f"a tree of {log.size} entries has no such tile")

    def leaf_tiles(self, log):
        """The hashes of level 0 as they lie there; what is missing is zero."""
        hashes = []
        for n in range((log.size + 255) // 256):
            width, data = min(256, log.size - n * 256), b""
            with contextlib.suppress(Exception):
                data = self.files.read(log.at + tile_path(0, n, width))
            data = data[: 32 * width].ljust(32 * width, b"\0")
            hashes += [data[i : i + 32] for i in range(0, 32 * width, 32)]
        return hashes

    def compare_tiles(self, log):
        """Rebuilds every tile, and names the first hash that differs in each."""
        row, level, expected = log.hashes, 0, set()
        while row:
            above = []
            for n in range((len(row) + 255) // 256):
                right = row[256 * n : 256 * n + 256]
                name = log.at + tile_path(level, n, len(right))
                expected.add(name)
                with self.at(name):
                    data = self.files.read(name)
                    for i, hash in enumerate(right):
                        entry = (256 * n + i) << 8 * level
                        need(data[32 * i : 32 * i + 32] == hash, f"hash {i} of tile {n} of level {level} is not what the entries give (entry {entry})")
                    need(len(data) == 32 * len(right), f"it holds {len(data)} bytes, expected {32 * len(right)}")
                if len(right) == 256:
                    above.append(roots(right, {256})[256])
            row, level = above, level + 1
        return expected

    def check_history(self, log):
        """Versions follow one another; snapshots are of the newest versions before them; erasures are remembered."""
        if self.exact:
            log.exact_from = 0
        for i, data in enumerate(log.entries):
            if data is None:
                continue
            with self.at(f"{log.at}entry {i}"):
                entry = parse(data.decode())
                need((entry["act"] == "open") == (i == 0), "entry 0, and no other, opens a log")
                if entry["type"] == "log":
                    self.log_entry(log, i, entry)
                    continue
                need(entry["type"] == "record", "it is neither about a record nor about the log")
                log.of[i] = entry["id"]
                if log.opened and entry["at"] < log.opened:
                    log.waited.append(entry["at"])
                version, known = whole(entry["version"], "version"), self.last.get(entry["id"])
                what = (entry["register"], whole(entry["number"], "number"))
                before, digest, kind = known or (0, None, what)
                self.last[entry["id"]] = (version, "sha256:" + sha(data).hex(), what)
                need(version == before + 1, f"it is version {version} of {what[0]} number {what[1]}, expected {before + 1}")
                need(entry.get("prev") == digest, f"it does not name the entry of the version before of {what[0]} number {what[1]}")
                need(kind == what, f"it continues {kind[0]} number {kind[1]} as {what[0]} number {what[1]}")

    def log_entry(self, log, i, entry):
        need(entry["origin"] == log.origin, f"it speaks of the log {entry['origin']}, not of {log.origin}")
        if i == 0:
            log.previous, log.opened = entry.get("previous"), entry["at"]
        if entry.get("about") == "key.lost":
            log.lost_key = log.lost_key or entry["vkey"]
        if "vkey" in entry and (i == 0 or entry.get("about") == "key.rotate"):
            log.keys.append((i, entry["vkey"]))
        if entry.get("about") == "rows.entered":
            log.exact_from, self.exact = min(log.exact_from, i), True
        if entry.get("about") == "erasure":
            self.erased |= {(entry.get("of", log.origin), index, group) for index in entry.get("entries", []) for group in entry["groups"]}
        if "snapshot" in entry:
            rows = [leaf_hash(f'["{id}",{v},"{digest}"]'.encode()) for id, (v, digest, _) in sorted(self.last.items())]
            root = base64.b64encode(roots(rows, {len(rows)})[len(rows)]).decode()
            need(entry["snapshot"] == {"records": len(rows), "root": root}, f"the snapshot is not of the newest versions before it: they are {len(rows)} records with root {root}")

    def check_keys(self):
        """The checkpoint is signed by a trusted key, or by one that the log named under such a key."""
        log, newest, keys = self.logs[-1], self.files.read("log/checkpoint"), {}

        def trust(vkey, what):
            if vkey.strip() not in keys:
                keys[vkey.strip()] = read_vkey(vkey)
                need(keys[vkey.strip()][0] == log.origin, f"{what} is of the log {keys[vkey.strip()][0]}, expected {log.origin}")

        with self.at("log/vkey"):
            need(self.files.read("log/vkey").decode().removesuffix("\n") in self.manifest["vkeys"], "the key is none of those in pack.json")
        for vkey in [self.vkey] if self.vkey else self.manifest["vkeys"]:
            trust(vkey, "the vkey you gave" if self.vkey else "a key of pack.json")
        older = []
        for where, line in self.lines("log/checkpoints.jsonl"):
            with self.at(where):
                size = whole(fields(line, "size note at")["size"], "size")
                last = older[-1][2] if older else -1
                need(len(older) < 1000 and last < size <= log.size, f"checkpoints must ascend up to {log.size}, at most 1000")
                need(isinstance(line["note"], str) and isinstance(line["at"], str), "note and at are texts")
                older.append((where, line["note"].encode(), size))
        root_at = roots(log.hashes, {log.size} | {size for *_, size in older})
        before = 0
        while before < len(keys):
            before = len(keys)
            for _, note, size in older + [("", newest, log.size)]:
                with contextlib.suppress(Wrong):
                    if open_checkpoint(note, list(keys.values()), "it") == (size, root_at[size]):
                        for i, vkey in log.keys:
                            if 0 < i < size:
                                trust(vkey, f"the key in entry {i}")
        with self.at("log/checkpoint"):
            open_checkpoint(newest, list(keys.values()), "the checkpoint")
        for line in self.files.read("log/policy").decode().split("\n"):
            words = line.split()
            if words[:1] == ["witness"]:
                with self.at("log/policy"):
                    open_note(newest, [*keys.values(), read_vkey(words[2], 4)], "log/checkpoint")
        for witness in self.witnesses:
            with self.at("log/checkpoint"):
                self.facts += cosigned(newest, [witness], "the checkpoint")
        # Keys from before the one given are not trusted for themselves: what they signed must be the beginning of what is.
        for i, vkey in log.keys:
            trust(vkey, f"the key in entry {i}")
        for where, note, claimed in older:
            with self.at(where):
                size, root = open_checkpoint(note, list(keys.values()), "the checkpoint")
                need(size == claimed, f"the line says {claimed} entries, its checkpoint {size}")
                need(root == root_at[size], f"the first {size} entries give another root: it signs another history")
        if self.state:
            with self.at("log/as-of"):
                self.check_state(list(keys.values()))
        for name, note in self.older:
            with self.at(f"the older checkpoint {name}"):
                self.check_older(name, note, list(keys.values()))
        if not self.vkey:
            self.facts += "; the key came from the pack itself"
        if self.logs[0].previous is not None:
            self.problem(self.logs[0].at + "entry 0", f"it continues a log that is not in the pack: {self.logs[0].previous}")
        if self.logs[0].lost_key is not None:
            self.problem(self.logs[0].at + "checkpoint", "the log says that a key of the log before it was lost, and none is before it")
        for former, following in zip(self.logs, self.logs[1:]):
            with self.at(former.at + "checkpoint"):
                self.check_former(former, following)

    def check_older(self, name, note, keys):
        """A checkpoint kept from before is of a log in the pack, and over its first entries."""
        try:
            origin = note.decode().split("\n")[0]
        except UnicodeDecodeError:
            raise Wrong("it is no signed checkpoint")
        log = next((log for log in self.logs if log.origin == origin), None)
        need(log, f"it is of the log {origin[:200]!r}, which is not in the pack, or no signed checkpoint")
        size, root = open_checkpoint(note, keys if log is self.logs[-1] else self.keys_named_in(log), "it")
        ended = next((l.previous for l in self.logs if l.previous and l.previous["origin"] == origin), None)
        if size > log.size and ended and ended["size"] == size and unbase64(ended["root"], "root") == root:
            self.facts += f"; the older checkpoint of {size} entries is the head that the next log names, {log.size} entries are here: nothing shows that they are its first"
            return
        need(size <= log.size, f"it signs {size} entries, the pack holds {log.size}: the pack is from before it, or the log went back")
        need(roots(log.hashes, {size})[size] == root, f"it signs another history: the first {size} entries of the pack give another root")
        self.facts += f"; older checkpoint of {size} entries holds"

    def check_state(self, keys):
        """The logs continue the state that was signed: entries after it say what of it was erased."""
        log = next(log for log in self.logs if log.number == self.state[0])
        if log is not self.logs[-1]:
            keys = self.keys_named_in(log)
        need(keys, "there is no key to check it with")
        size, root = open_checkpoint(self.files.read("log/as-of"), keys, "the checkpoint")
        need(size == self.state[1], f"it signs {size} entries, pack.json says the state after {self.state[1]}")
        need(roots(log.hashes, {size}).get(size) == root, f"the first {size} entries give another root: the log in the pack does not continue that state")

    def check_former(self, log, following):
        """The next log names the head of the one before, or what is left of it; nothing stands beyond that.
        Its keys are those its own entries name: what pack.json says of them is nobody's word."""
        head = following.previous
        need(head and head["origin"] == log.origin, f"log {following.number} does not continue this one")
        size, root = whole(head["size"], "size"), roots(log.hashes, {log.size})[log.size]
        need(log.size <= size, f"it holds {log.size} entries, log {following.number} continues {size}: those beyond were added later")
        if log.size == size:
            need(unbase64(head["root"], "root") == root, f"log {following.number} continues another log of {size} entries: its root is {head['root']}")
        if "left" in head:
            left = fields(head["left"], "size root")
            need(
                left["size"] == log.size and unbase64(left["root"], "root") == root,
                f"its {log.size} entries are not the {left['size']} that log {following.number} says are left of {size}: they were changed since",
            )
        keys = self.keys_named_in(log)
        need(
            following.lost_key is None or read_vkey(following.lost_key)[:2] in [key[:2] for key in keys],
            f"log {following.number} says that its key was lost, and names one that is none of it",
        )
        open_checkpoint(self.files.read(log.at + "checkpoint"), keys, "the checkpoint")
        if following.lost_key is not None:
            self.facts += f"; log {log.number} ended because its key was lost, log {following.number} goes on after the last head that it signed"
            if following.waited:
                self.facts += f" ({len(following.waited)} of its entries had waited, the oldest since {min(following.waited)}: under no signature until it was begun)"
        if log.size < size:
            self.facts += f"; of log {log.number} the last {size - log.size} entries are lost"
            if "left" not in head:
                self.facts += (
                    f" (log {following.number} was begun by 0.1.0 and does not say what is left: nothing that was signed since vouches for the entries"
                    f" of log {log.number} about erasures and keys; compare a checkpoint of it that somebody kept, --older)"
                )

    def keys_named_in(self, log):
        """Keys that the entries of a log name for it."""
        # Those of pack.json vouch for nothing: what they signed must be what the next log names.
        keys = [read_vkey(vkey) for vkey in ([] if any(i == 0 for i, _ in log.keys) else log.told)] + [read_vkey(vkey) for _, vkey in log.keys]
        need(keys and all(key[0] == log.origin for key in keys), f"the entries of log {log.number} name no key of it, or one of another log")
        return keys

    def check_records(self, name):
        """Each version is the one its entry commits to; the present values are those of the newest version."""
        before, prefix = 0, PREFIXES.get(name.removeprefix("records/").removesuffix(".jsonl"))
        for where, record in self.lines(name):
            with self.at(where):
                fields(record, "ref id register number present versions")
                ref, id, n = record["ref"], record["id"], whole(record["number"], "number")
                where += f", {ref}"
                prefix = prefix or ref.split("-")[0]
                need(name == f"records/{record['register']}.jsonl", f"{ref} is of register {record['register']}")
                need(n > before, f"number {n} stands after {before}")
                before = n
                need(ref == f"{prefix}-{n:04d}", f"{ref!r} does not fit number {n}")
                need(ref not in self.refs and id not in self.included, f"{ref} is in the pack twice")
                self.refs[ref] = id
                self.included.add(id)
                need(record["versions"], f"{ref} has no version")
                last = 0
                for version in record["versions"]:
                    self.versions += 1
                    values, links = {}, {}
                    there = f"{where} version {version['version']}, entry {version['index']} of log {version['log']}"
                    with self.at(there):
                        number = whole(version["version"], "version")
                        need(number > last, f"it stands after version {last}")
                        last = number
                        self.check_version(record, version, there, values, links)
                with self.at(f"{where} present"):
                    if record["present"] is None:
                        self.uncompared += self.manifest["asOf"] is None
                    else:
                        self.check_present(record["present"], ref, version, values, links)

    def check_version(self, record, version, there, values, links):
        fields(version, "version log index at act transition state actor digest proof parts erased")
        log = next((log for log in self.logs if log.number == version["log"]), None)
        need(log, f"the pack has no log {version['log']}")
        i = whole(version["index"], "index")
        need(i < log.size, f"log {log.number} has only {log.size} entries")
        need(log.entries[i] is not None, "the entry is missing")
        entry = parse(log.entries[i].decode())
        for name in ("id", "register", "number"):
            need(record[name] == entry[name], f"{name} is {record[name]}, in the entry it is {entry[name]}")
        late = late_by(version["at"], entry) if i < log.exact_from else 0
        for name in ("version", "act", "transition", "state") if late else ("version", "at", "act", "transition", "state"):
            need(version[name] == entry.get(name), f"{name} is {version[name]}, in the entry it is {entry.get(name)}")
        need(i < log.shown, "the entry came after the state that the pack shows: this version was not there then")
        need(i not in log.seen, "the entry is shown twice")
        log.seen.add(i)
        if late:
            self.late_count += 1
            if len(self.late) < MAX_LISTED:
                self.late.append(clean(f"{there}: {late} ms later"))
        need(version["digest"] == "sha256:" + sha(log.entries[i]).hex(), "the digest is not that of the entry")
        check_inclusion(i, log.size, leaf_hash(log.entries[i]), version["proof"], log.root)
        committed, parts, erased = entry["c"], version["parts"], version["erased"]
        need(len(set(erased)) == len(erased) and set(erased) <= set(committed), "\"erased\" names a group twice, or one that the entry does not hold")
        need(set(parts) <= set(committed), f"the entry does not hold {sorted(set(parts) - set(committed))}")
        for group in committed:
            gone = (log.origin, i, group) in self.erased
            need((group in parts) != (group in erased), f'"{group}" must be in "parts" or in "erased"')
            need(group in parts or gone, f'"{group}" is missing, and no entry says that it was erased')
            need(group not in parts or not gone, f'"{group}" was erased by an entry, and is still there')
        for group, part in parts.items():
            fields(part, "salt json")
            need(re.fullmatch("[0-9a-f]{64}", part["salt"]), f'the salt of "{group}" is not 32 bytes')
            mac = hmac.new(bytes.fromhex(part["salt"]), f"aims-commit/v1\n{group}\n{part['json']}".encode(), "sha256").hexdigest()
            need(hmac.compare_digest(mac, committed[group]), f'"{group}" is not what the entry committed to')
            value = parse(part["json"])
            need(group == "reason" or isinstance(value, dict), f'"{group}" is not an object')
            if group == "actor":
                need(value["ref"] == version["actor"], f'"actor" is {version["actor"]}, the entry committed to {value["ref"]}')
            elif group == "links":
                links.update(value)
            elif group in ("values", "people", "text"):
                values.update(value)
        if record["register"] == "evidence" and re.fullmatch("sha256:[0-9a-f]{64}", str(values.get("file"))):
            self.evidence[values["file"][7:]] = record["ref"]
            self.file_names[values["file"][7:]] = values.get("fileName", "")
        if "attestation" in values:
            self.decisions[record["ref"]] = values["attestation"]

    def check_present(self, present, ref, newest, values, links):
        """The present values are those of the newest version, and nothing besides. Of the newest version nothing that a row shows is ever erased."""
        fields(present, "version state title values derived links")
        for name in ("version", "state"):
            need(jcs(present[name]) == jcs(newest[name]), f"{name} is {present[name]}, in the newest version it is {newest[name]}")
        for what, shown, committed in (("", present["values"], values), ("link ", present["links"], links)):
            for name in {**committed, **shown}:
                # As canonical JSON: 1 is 1.0, but true is not 1.
                alike = (name in shown) == (name in committed) and jcs(shown[name]) == jcs(committed[name])
                need(alike, f'{what}"{name}" is {shown.get(name)!r}, in the newest version it is {committed.get(name)!r}')
        # Long values are cut.
        title, texts = present["title"], [v for v in values.values() if isinstance(v, str)]
        need(title == ref or title in texts or len(title) >= 150 and any(v.startswith(title) for v in texts), "its title is none of its values")

    def check_complete(self):
        """Every version that was entered is in the pack."""
        for log in self.logs:
            for i, id in log.of.items():
                if i < log.shown and i not in log.seen and (self.manifest["system"] is None or id in self.included):
                    register, n = self.last[id][2]
                    self.problem(f"{log.at}entry {i}", f"no version in records/ shows it; it is of {register} number {n}")

    def check_tables(self):
        """The tables for people say what the records say. Nothing signs them; they are what people read."""
        for name in self.files.under("documents/"):
            records = f"records/{name[10:].removesuffix('.csv')}.jsonl"
            if records in self.files.at:
                with self.at(name):
                    self.check_table(name, records)

    def check_table(self, name, records):
        """A column for each name that a record has, a row for each record, in their order, and each cell in the one spelling that the record gives it.
        Nothing is read as a table: two programs read the same one in two ways."""
        need(self.manifest["asOf"] is None, "a pack of an earlier state has no tables")
        text = self.files.read(name).decode()
        head = TABLE_HEAD.match(text)
        own = head[1].split(",")[1:] if head else []
        columns = ["ref", *own, "state", "version", "createdAt", "updatedAt"]
        need(head and len(set(columns)) == len(columns), 'it is no table with columns that are named once, "ref" first')
        at, rows, held = head.end(), 0, set()
        with self.files.open(records) as file:
            for line in iter(lambda: file.readline(MAX_LINE), b""):
                record, rows = parse_line(line.removesuffix(b"\n").decode()), rows + 1
                ref = record["ref"]
                for i, column in enumerate(columns):
                    end = "\n" if i == len(columns) - 1 else ","
                    found = next((cell for cell in (written(c) + end for c in cells_of(record, column)) if text.startswith(cell, at)), None)
                    need(found or i, f"row {rows} is not of {ref}, which stands there in {records}")
                    need(found, f'{ref}: "{column}" is not what the record says')
                    at += len(found)
                for column in (column for part in parts_of(record) for column, value in part.items() if value is not None):
                    need(column in columns, f'it has no column "{column}", of which {ref} says something')
                    held.add(column)
        need(at == len(text), f"it goes on after its {rows} records")
        known = columns_of_first_release(name[10:].removesuffix(".csv"))
        for column in own:
            need(column in held or column in known, f'it has a column "{column}", of which no record says anything')

    def check_attached(self):
        """Evidence is what a record names, and a decision is the one its record committed to."""
        listed = set()
        for where, line in self.lines("evidence/index.jsonl") if "evidence/index.jsonl" in self.files.at else ():
            with self.at(where):
                name = "evidence/" + fields(line, "sha256 bytes fileName ref")["sha256"]
                listed.add(name)
                need(self.evidence.get(line["sha256"]) == line["ref"], f"{line['ref']} does not name {name}")
                need(self.file_names[line["sha256"]] == line["fileName"], f"{line['ref']} does not call {name} {line['fileName']!r}")
                digest, length = self.files.sha256(name)
                need(digest == line["sha256"], f"{name} was changed: its SHA-256 is {digest}")
                need(length == line["bytes"], f"{name} has {length} bytes, the line says {line['bytes']}")
        for name in self.files.under("evidence/"):
            if name not in listed and name != "evidence/index.jsonl":
                self.problem(name, "evidence/index.jsonl does not name this file")
        for digest, ref in self.evidence.items():
            if f"evidence/{digest}" not in listed:
                self.problem(f"evidence/{digest}", f"{ref} is this file, which is not in the pack")
        for name in {*self.files.under("decisions/"), *(f"decisions/{ref}.dsse.json" for ref in self.decisions)}:
            with self.at(name):
                ref = name.removeprefix("decisions/").removesuffix(".dsse.json")
                need(ref in self.decisions, f"{ref} has no signed statement")
                need(self.files.read(name).decode().removesuffix("\n") == self.decisions[ref], f"it is not the statement that {ref} committed to")


def main():
    parser = argparse.ArgumentParser(description="Audits a downloaded log, or an audit pack.")
    parser.add_argument("path", metavar="FOLDER|PACK.zip")
    parser.add_argument("--vkey", help="file with the key you were handed; the one beside the log unless given")
    parser.add_argument("--witness", help="file with keys of witnesses, one a line, that must have cosigned")
    parser.add_argument("--older", action="append", default=[], help="a checkpoint kept from before; may be given again")
    parser.add_argument("--proof", help="a .tlog-proof or a disclosure")
    ask = parser.parse_args()
    witnesses = [read_vkey(line, 4) for line in read(ask.witness).decode().strip().split("\n")] if ask.witness else []
    if os.path.isfile(ask.path) or os.path.exists(os.path.join(ask.path, "pack.json")):
        need(not ask.proof, "--proof is for a log, not for an audit pack: a pack holds its proofs")
        pack = Pack(Files(ask.path), read(ask.vkey).decode() if ask.vkey else None, witnesses, [(path, read(path)) for path in ask.older])
        print(pack.verdict())
        sys.exit(1 if pack.count else 0)
    audit_log(ask, witnesses)


def audit_log(ask, witnesses):
    folder = ask.path
    keys = [read_vkey(read(ask.vkey or os.path.join(folder, "vkey")).decode())]
    note = read(os.path.join(folder, "checkpoint"))
    size, root = open_checkpoint(note, keys, "the checkpoint")
    entries, trouble = read_entries(folder, size)
    hashes = check_entries(entries, trouble, folder, size, root)
    check_histories(entries)
    done = cosigned(note, witnesses, "the checkpoint")
    for what, path in (*(("older checkpoint", path) for path in ask.older), ("proof", ask.proof)):
        if path is None:
            continue
        if what == "proof":
            old, old_root = check_proof(path, keys, hashes)
        else:
            old, old_root = open_checkpoint(read(path), keys, "the older checkpoint")
        need(old <= size or what == "proof", f"the older checkpoint signs {old} entries, this log has only {size}: it went back")
        need(old > size or roots(hashes, {old})[old] == old_root, f"the {what} signs another history: the first {old} entries give another root")
        done += f"; {what} of {old} entries holds"
    print(f"Sound: {size} entries of {clean(keys[0][0])} give the signed root {base64.b64encode(root).decode()}{clean(done)}.")


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
    except NotAPack as error:
        print(f"Not a pack: {clean(error)}.")
        sys.exit(2)
    except Wrong as wrong:
        print(f"Not sound: {clean(wrong)}.")
        sys.exit(1)
    except Exception as error:  # whatever a hostile file does, the answer is never "sound"
        print(f"Not sound: a file cannot be read ({type(error).__name__}: {clean(error)}).")
        sys.exit(1)
