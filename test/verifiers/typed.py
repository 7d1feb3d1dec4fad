"""Runs a program again and again as if it were typed each time, without starting Python and loading its libraries anew.

    typed.py PROGRAM.py < calls

A call is one line of JSON, the arguments; the answer to it one line: exit code, what was printed, what was printed as an error.
"""
import contextlib, io, json, sys, traceback

path = sys.argv[1]
with open(path) as file:
    program = compile(file.read(), path, "exec")

for line in sys.stdin:
    out, err, status = io.StringIO(), io.StringIO(), 0
    sys.argv = [path, *json.loads(line)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            # The whole file, down to what it does when it is the program: nothing is kept from the call before.
            exec(program, {"__name__": "__main__", "__file__": path})
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
            status = 1
    print(json.dumps([status, out.getvalue(), err.getvalue()]), flush=True)
