#!/bin/sh
# Two groups are broken. Of the first a dependent cannot be recreated: the image's program is gone, compose reads the project only with
# profiles that nobody names, or its new container ends at once. The other group is healed all the same, the first is not said to be, and
# the container that failed is there as before.
D=$(mktemp -d); export XDG_STATE_HOME=$D/state
clean() { docker rm -fv $(docker ps -aq --filter name=c10) >/dev/null 2>&1; docker network rm c10_default >/dev/null 2>&1; }
trap 'clean; rm -rf $D' EXIT; cd $D
n() { readlink /proc/$(docker inspect -f '{{.State.Pid}}' $1 2>/dev/null)/ns/net 2>/dev/null || echo "no $1"; }
compose() { docker compose "$@" 2>/dev/null || docker-compose "$@" 2>/dev/null; }
cat > compose.yaml <<'Y'
version: "3.9"
services:
  own: {image: alpine, container_name: c10own, command: sleep 600, stop_signal: SIGKILL, profiles: [one]}
  a: {image: alpine, container_name: c10a, command: sleep 600, stop_signal: SIGKILL, network_mode: "service:own", profiles: [two]}
Y
bad=; for how in profiles ends; do
  clean; "$NSTUI" tree >/dev/null 2>&1
  if [ $how = profiles ]; then
    compose -p c10 --profile one --profile two up -d; "$NSTUI" tree >/dev/null 2>&1; docker rm -f c10own >/dev/null; compose -p c10 --profile one up -d --no-deps own
  else
    docker run -d --name c10own alpine sleep 600 >/dev/null
    docker run -d --name c10a --stop-signal KILL -v /data --net=container:c10own alpine sh -c 'n=$(cat /data/n 2>/dev/null || echo 0); echo $((n+1)) > /data/n; [ $n = 1 ] && { sleep 1; exit 3; }; exec sleep 600' >/dev/null
    "$NSTUI" tree >/dev/null 2>&1; docker rm -f c10own >/dev/null; docker run -d --name c10own alpine sleep 600 >/dev/null
  fi
  docker run -d --name c10zown alpine sleep 600 >/dev/null; docker run -d --name c10z --stop-signal KILL --net=container:c10zown alpine sleep 600 >/dev/null; docker restart -t 0 c10zown >/dev/null
  i=$(docker inspect -f '{{.Id}}' c10a)
  if [ $how = ends ]; then o=$("$NSTUI" heal --onto c10own --yes </dev/null 2>&1); else o=$("$NSTUI" heal --yes </dev/null 2>&1); fi; rc=$?
  [ "$(n c10zown)" = "$(n c10z)" ] || bad="$bad [$how: c10z was not healed: exit $rc, $o]"
  [ "$(n c10own)" = "$(n c10a)" ] && a=healed || a=broken
  case $a$rc in healed0|broken1|broken4) ;; *) bad="$bad [$how: c10a is $a, exit $rc, $o]";; esac
  if [ $how = ends ]; then
    [ $rc = 1 ] && [ "$(docker inspect -f '{{.Id}} {{.State.Running}}' c10a)" = "$i true" ] || bad="$bad [$how: c10a is not as before: $o]"
    case "$o" in *"healed: c10z"*"failed: "*c10a*) ;; *) bad="$bad [$how: said $o]";; esac
  fi
done
[ -z "$bad" ] && echo PASS && exit; echo "FAIL:$bad"; exit 1
