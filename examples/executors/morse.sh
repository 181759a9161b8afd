#!/bin/sh
# An executor in shell and awk: energies of fcc metals by a Morse potential (Girifalco and Weizer, Phys. Rev. 114, 687, 1959).
if [ "$1" = describe ]; then
  echo '{"contractVersion": 1, "name": "morse-shell", "version": "1", "fidelity": "morse", "maxAtoms": 20,
    "properties": {"energyEvPerAtom": "eV/atom"}, "elements": ["Al", "Ni", "Cu", "Ag"]}'
  exit
fi
request=$(cat)
field() { printf '%s\n' "$request" | sed -n "s/.*\"$1\":[[{\"]*\([^]}\"]*\).*/\1/p" | tr ',' ' '; }
outcome=$(
  case $request in *'"properties":{"energyEvPerAtom":"eV/atom"}'*) ;; *) echo 'gives energyEvPerAtom in eV/atom only'; exit ;; esac
  { field latticeAngstrom; field fractionalCoordinates; field atomicNumbers; } | awk '
  function hypot(x, y, z) { return sqrt(x * x + y * y + z * z) }
  function fail(message) { print message; failed = 1; exit }
  function ceil(x) { return int(x) + (x > int(x)) }
  BEGIN { # eV, 1/Å, Å
    split("0.2703 1.1646 3.253", m); for (i in m) morse[13, i] = m[i]
    split("0.4205 1.4199 2.780", m); for (i in m) morse[28, i] = m[i]
    split("0.3429 1.3588 2.866", m); for (i in m) morse[29, i] = m[i]
    split("0.3323 1.3690 3.115", m); for (i in m) morse[47, i] = m[i]
    cutoff = 12; closest = 1; most = 20 }
  NR == 1 { for (i = 0; i < 9; i++) l[i] = $(i + 1) }
  NR == 2 { for (i = 0; i < NF; i++) f[i] = $(i + 1) }
  NR == 3 { n = NF; for (i = 0; i < n; i++) { z[i] = $(i + 1); if (!((z[i], 1) in morse)) fail("knows Al, Ni, Cu and Ag only") } }
  END { if (failed) exit; if (n > most) fail("takes at most " most " atoms")
    for (i = 0; i < 3; i++) { u = 3 * ((i + 1) % 3); v = 3 * ((i + 2) % 3)
      x = l[u+1] * l[v+2] - l[u+2] * l[v+1]; y = l[u+2] * l[v] - l[u] * l[v+2]; w = l[u] * l[v+1] - l[u+1] * l[v]
      face[i] = hypot(x, y, w); if (i == 0) { volume = x * l[0] + y * l[1] + w * l[2]; if (volume < 0) volume = -volume } }
    if (volume < 1) fail("the cell has no volume")
    for (i = 0; i < 3; i++) reach[i] = ceil(cutoff * face[i] / volume) + 1
    for (a = 0; a < n; a++) for (b = 0; b < n; b++) {
      for (i = 1; i <= 3; i++) p[i] = (morse[z[a], i] + morse[z[b], i]) / 2
      for (i = -reach[0]; i <= reach[0]; i++) for (j = -reach[1]; j <= reach[1]; j++) for (k = -reach[2]; k <= reach[2]; k++) {
        s = f[3*b] - f[3*a] + i; t = f[3*b+1] - f[3*a+1] + j; u = f[3*b+2] - f[3*a+2] + k
        r = hypot(s * l[0] + t * l[3] + u * l[6], s * l[1] + t * l[4] + u * l[7], s * l[2] + t * l[5] + u * l[8])
        if (r > cutoff || (a == b && i == 0 && j == 0 && k == 0)) continue
        if (r < closest) fail("two atoms are " r " Å apart")
        decay = exp(-p[2] * (r - p[3])); total += p[1] * (decay * decay - 2 * decay) / 2 } }
    printf "energy %.12g\n", total / n }')
case $outcome in
  energy\ *) rest="\"status\": \"succeeded\", \"values\": {\"energyEvPerAtom\": {\"value\": ${outcome#energy }, \"unit\": \"eV/atom\"}}" ;;
  *) rest="\"status\": \"failed\", \"failure\": {\"kind\": \"badInput\", \"message\": \"$outcome\", \"retry\": \"never\"}" ;;
esac
echo "{\"contractVersion\": 1, \"key\": \"$(field key)\", $rest, \"software\": [{\"name\": \"morse-shell\", \"version\": \"1\"}]}"
