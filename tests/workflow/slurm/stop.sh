#!/bin/bash
# Ends what start.sh DIR has started, and leaves /etc/slurm as it was.
D=${1:?usage: $0 DIR}
export SLURM_CONF=$D/slurm.conf
[ -s "$SLURM_CONF" ] || exit 0
timeout 10 scancel --user "$(id -un)" 2>/dev/null
sleep 1
for name in slurmd slurmctld munged; do
  file=$D/run/$name.pid
  [ -s "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null
done
[ "$(readlink /etc/slurm/slurm.conf)" = "$SLURM_CONF" ] && rm /etc/slurm/slurm.conf
[ -e "$D/made-etc-slurm" ] && rmdir /etc/slurm 2>/dev/null
true
