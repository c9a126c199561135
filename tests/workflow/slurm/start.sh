#!/bin/bash
# A cluster of one node for tests: root, no systemd, no cgroups, everything below DIR but one link in /etc/slurm.
# usage: start.sh DIR [CPUS]; always end it with stop.sh DIR.
set -eu
D=${1:?usage: $0 DIR [CPUS]}
HERE=$(cd "$(dirname "$0")" && pwd)
H=$(hostname -s)
CPUS=${2:-$(nproc)}
MEM=$(($(awk '/MemTotal/{print $2}' /proc/meminfo) / 1024 - 512))

# Jobs find the cluster at the compiled-in path only: the executor plugin takes SLURM_* out of their environment.
trap 'cat "$D"/log/*.out >&2' ERR

LINK=/etc/slurm/slurm.conf
if [ -e $LINK ] && { [ ! -L $LINK ] || scontrol ping 2>/dev/null | grep -q UP; }; then
  echo "this machine has a Slurm of its own; not touching it" >&2
  exit 1
fi

export SLURM_CONF=$D/slurm.conf
mkdir -p "$D"/{munge,state,spool,log,run}
chmod 755 "$D" "$D/munge"
[ -d /etc/slurm ] || touch "$D/made-etc-slurm"
mkdir -p /etc/slurm
(umask 077 && head -c 128 /dev/urandom >"$D/munge/key")
sed -e "s|@D@|$D|g; s|@H@|$H|g; s|@CPUS@|$CPUS|g; s|@MEM@|$MEM|g" "$HERE/slurm.conf.in" >"$SLURM_CONF"
ln -sfn "$SLURM_CONF" $LINK

# Daemons close nothing that they inherit: with a caller's pipe open, the caller would wait for them for ever.
munged --key-file="$D/munge/key" --socket="$D/munge/socket" --pid-file="$D/run/munged.pid" \
  --log-file="$D/log/munged.log" --seed-file="$D/munge/seed" >"$D/log/munged.out" 2>&1
slurmctld -f "$SLURM_CONF" -L "$D/log/slurmctld.log" >"$D/log/slurmctld.out" 2>&1
for _ in $(seq 50); do
  scontrol ping 2>/dev/null | grep -q UP && break
  sleep 0.2
done
slurmd -f "$SLURM_CONF" -L "$D/log/slurmd.log" -N "$H" >"$D/log/slurmd.out" 2>&1
for _ in $(seq 150); do
  sinfo -h -o %T 2>/dev/null | grep -q idle && exit 0
  sleep 0.2
done
echo "no idle node after 30 s: $(tail -n 3 "$D"/log/slurmd.log)" >&2
exit 1
