"""Audits one pack again and again with audit.py, each time with other bytes in it; as cases.go does.

    cases.py AUDIT.py FOLDER VKEY WITNESS < cases
"""
import base64, hashlib, importlib.util, io, json, sys

spec = importlib.util.spec_from_file_location("audit", sys.argv[1])
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)
folder = audit.Files(sys.argv[2])
contents = {name: folder.read(name) for name in folder.at}


class Given(audit.Files):
    def __init__(self, contents):
        self.at, self.zip = contents, None

    def open(self, name):
        audit.need(name in self.at, f"{name} is missing")
        return io.BytesIO(self.at[name])


for line in sys.stdin:
    case = json.loads(line)
    files = dict(contents)
    for edit in case["Edits"]:
        name = edit["File"]
        if edit.get("Remove"):
            del files[name]
        elif "Bytes" in edit:
            files[name] = base64.b64decode(edit["Bytes"])
        else:
            data = bytearray(files[name])
            data[edit["Bit"] // 8] ^= 1 << edit["Bit"] % 8
            files[name] = bytes(data)
    if case["Seal"]:
        manifest = json.loads(files["pack.json"])
        for edit in case["Edits"]:
            manifest["files"].pop(edit["File"], None)
            if edit["File"] in files and edit["File"] != "pack.json":
                manifest["files"][edit["File"]] = hashlib.sha256(files[edit["File"]]).hexdigest()
        files["pack.json"] = f"{json.dumps(manifest, indent=1, ensure_ascii=False)}\n".encode()
    pack = audit.Pack(Given(files), sys.argv[3], [audit.read_vkey(sys.argv[4], 4)])
    print(json.dumps([*pack.problems, *pack.late][:12]))
