"""A cosignature made with python3-cryptography, from the standard's text alone; for tests only. Reads and writes JSON."""
import base64, hashlib, json, struct, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

o = json.load(sys.stdin)
key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(o["seed"]))
typed = b"\x04" + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
key_id = hashlib.sha256(o["name"].encode() + b"\n" + typed).digest()[:4]
signature = key.sign(f"cosignature/v1\ntime {o['time']}\n{o['text']}".encode())
line = base64.b64encode(key_id + struct.pack(">Q", o["time"]) + signature).decode()
vkey = f"{o['name']}+{key_id.hex()}+{base64.b64encode(typed).decode()}"
json.dump({"vkey": vkey, "line": f"\u2014 {o['name']} {line}\n"}, sys.stdout)
