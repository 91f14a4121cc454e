#!/bin/sh
# A dependent joined a NAME; its owner was renamed since. The kernel has both in one network, so whatever ends that of the renamed
# one harms the dependent: every plan names it, without a decision nothing is done, and nobody says that its owner is gone.
trap 'docker rm -f c4a c4a-old c4b c4c >/dev/null 2>&1' EXIT
docker create --name c4b --net=container:c4a alpine sleep 600 >/dev/null
docker run -d --name c4a alpine sleep 600 >/dev/null; docker start c4b >/dev/null
docker run -d --name c4c --net=container:c4b alpine sleep 600 >/dev/null; docker rename c4a c4a-old
bad=
for v in "stop -t 0" "restart -t 0" kill "rm -f"; do
  "$NSTUI" $v -y c4a-old </dev/null >/dev/null 2>&1; rc=$?; [ $rc = 4 ] || bad="$bad; $v exits $rc"
  p=$("$NSTUI" $v --dry-run c4a-old </dev/null)
  for n in c4b c4c; do case "$p" in *"$n: loses its network"*) ;; *) bad="$bad; $v does not name $n";; esac; done
done
case $("$NSTUI" kill -s HUP --dry-run c4a-old </dev/null) in *"loses its network"*) bad="$bad; HUP is said to harm";; esac
case $("$NSTUI" check </dev/null) in *"no longer exists"*) bad="$bad; check says that its owner is gone";; esac
"$NSTUI" heal -y </dev/null >/dev/null 2>&1; docker exec c4b ip -o link | grep -q eth0 || bad="$bad; heal has cut it off"
d=$("$NSTUI" restart --with-dependents -t 0 -y c4a-old </dev/null 2>&1); rc=$?
[ $rc = 4 ] || bad="$bad; restart --with-dependents exits $rc: $d"
docker exec c4b ip -o link | grep -q eth0 || bad="$bad; it has been cut off"
"$NSTUI" check </dev/null | grep -x ' *docker rename c4a-old c4a' | sh || bad="$bad; no remedy"
"$NSTUI" check </dev/null >/dev/null || bad="$bad; pasting the remedy did not help"
[ -z "$bad" ] && echo PASS && exit; echo "FAIL: ${bad#; }"; exit 1
