#!/usr/bin/env bash
# PuLP's HiGHS(msg=False) writes to standard output with highspy 1.16.0: two lines of banner, before the
# answer, in whatever the program prints. With highspy 1.15.1 the same call is silent.
#
# The lines come from the constructor: highspy.Highs() enables callbacks, and HiGHS writes its
# banner when that happens, so that output_flag=False set on the finished object comes too late. It is
# written by the library to file descriptor 1, past sys.stdout: redirecting sys.stdout does not help,
# and a program whose JSON has to stand alone on stdout is broken by an upgrade of its solver. What
# helps: switch output off before callbacks are enabled, in a subclass.
#
# Seen 2026-11-29: pulp 3.3.2; highspy 1.16.0 (2 lines, 0 with the subclass) and 1.15.1 (0 lines).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1

cat > "$work/solve.py" <<'PY'
import pulp

problem = pulp.LpProblem("smallest", pulp.LpMinimize)
x = pulp.LpVariable("x", 0, 10, cat="Integer")
problem += x
problem += x >= 2.5
problem.solve(pulp.HiGHS(msg=False))
assert x.value() == 3
PY

cat > "$work/silent.py" <<'PY'
import highspy


class Silent(highspy.Highs):
    def enableCallbacks(self):
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


Silent().run()
PY

lines() { # VERSION SCRIPT: how many lines it writes to standard output
  "$work/$1/bin/python" "$work/$2.py" | wc -l | tr -d ' '
}

for version in 1.16.0 1.15.1; do
  python3 -m venv "$work/$version"
  "$work/$version/bin/pip" install -q numpy==2.4.6 pulp==3.3.2 "highspy==$version" 2>/dev/null
  "$work/$version/bin/pip" list 2>/dev/null | grep -iE '^(pulp|highspy|numpy) '
done

new=$(lines 1.16.0 solve) old=$(lines 1.15.1 solve) silent=$(lines 1.16.0 silent)
echo "lines on stdout with msg=False: highspy 1.16.0 $new, 1.15.1 $old; in a subclass that is silent first: $silent"
"$work/1.16.0/bin/python" "$work/solve.py" | head -1
if [ "$new $old $silent" != "2 0 0" ]; then
  echo "changed: 2, 0 and 0 lines were seen on 2026-11-29"
  exit 1
fi
