#!/bin/sh
# A container has lost the owner of its network, and its labels say that it needs two services: the one that is gone, and another that is there.
# That the other one is all that is left proves nothing. Healing leaves it as it is, says who could be meant and exits with 4; it moves it once
# the owner is back, under its own name, and it tells of an owner that no nstui ever saw what the engine still remembers.
export XDG_STATE_HOME=$(mktemp -d); L=com.docker.compose; H=$(printf %064d 1)
trap 'docker rm -f wp-own wp-dep wp-aux >/dev/null 2>&1; rm -rf $XDG_STATE_HOME' EXIT
run() { n=$1 s=$2; shift 2; docker run -d --name $n -l $L.config-hash=$H -l $L.project=wp -l $L.service=$s -l $L.version=2.26.1 "$@" --stop-timeout 1 alpine sleep 600; }
net() { readlink /proc/$(docker inspect -f '{{.State.Pid}}' $1)/ns/net; }
fail() { echo "FAIL: $*"; exit 1; }
run wp-own own >/dev/null; run wp-aux aux >/dev/null
dep=$(run wp-dep dep -l $L.depends_on=own:service_started:false,aux:service_started:false --net=container:wp-own)
docker rm -f wp-own >/dev/null; before=$(docker inspect -f '{{.State.StartedAt}}' wp-dep)
o=$("$NSTUI" heal --yes </dev/null 2>&1); rc=$?
[ $rc = 4 ] || fail "heal without proof exits with $rc: $o"
[ "$(docker inspect -f '{{.Id}} {{.State.StartedAt}}' wp-dep)" = "$dep $before" ] || fail "heal without proof touched it: $o"
[ "$(net wp-dep)" != "$(net wp-aux)" ] || fail "it is in the network of wp-aux"
case "$o" in *wp-own*wp-aux*"depends on it"*) ;; *) fail "it does not say who it was and who could be meant: $o";; esac
"$NSTUI" check </dev/null | grep -q 'create wp-own again, then: nstui heal wp-dep' || fail "check: $("$NSTUI" check </dev/null)"
run wp-own own >/dev/null
o=$("$NSTUI" heal --yes </dev/null 2>&1) || fail "heal with proof: $o"
[ "$(net wp-dep)" = "$(net wp-own)" ] || fail "it is not in the network of its owner: $o"
"$NSTUI" check </dev/null >/dev/null || fail "$("$NSTUI" check </dev/null)"
o=$("$NSTUI" heal --onto wp-aux wp-dep </dev/null 2>&1) || fail "--onto: $o"
[ "$(net wp-dep)" = "$(net wp-aux)" ] || fail "--onto did not move it: $o"
echo PASS
