#!/bin/sh
# The project's file was changed after the container was made: another network, another owner, a program that ends at once, a label.
# Whichever way heal takes: it exits 0 only if the container runs in its owner's network afterwards, and runs there still.
D=$(mktemp -d); cd $D; export XDG_STATE_HOME=$D/state
trap 'docker rm -f $(docker ps -aq --filter name=c11) >/dev/null 2>&1; docker network rm c11_default >/dev/null 2>&1; rm -rf $D' EXIT
compose() { docker compose "$@" 2>/dev/null || docker-compose "$@" 2>/dev/null; }
y() { cat > compose.yaml <<Y
version: "3.9"
services:
  own: {image: alpine, container_name: c11own, command: sleep 600, stop_signal: SIGKILL}
  oth: {image: alpine, container_name: c11oth, command: sleep 600, stop_signal: SIGKILL}
  dep: {image: alpine, container_name: c11dep, command: [sh, -c, "$2"], stop_signal: SIGKILL, $1}
Y
}
n() { readlink /proc/$(docker inspect -f '{{.State.Pid}}' $1 2>/dev/null)/ns/net 2>/dev/null || echo "no $1"; }
bad=; for how in 'network_mode: "service:oth"|sleep 600' 'network_mode: "container:c11oth"|sleep 600' 'labels: [a]|sleep 600' 'network_mode: "service:own"|exit 3' 'network_mode: "service:own"|sleep 1; exit 3'; do
  y 'network_mode: "service:own"' 'sleep 600'; compose -p c11 up -d; "$NSTUI" tree >/dev/null 2>&1; docker rm -f c11own >/dev/null; compose -p c11 up -d --no-deps own
  y "${how%|*}" "${how#*|}"; o=$("$NSTUI" heal --yes </dev/null 2>&1); rc=$?; sleep 2
  if [ "$(n c11dep)" = "$(n c11own)" ]; then w=in; else w=out; fi
  case $w$rc in in0|out1|out4) ;; *) bad="$bad [$how: exit $rc, c11dep is $(docker inspect -f '{{.State.Status}} in {{.HostConfig.NetworkMode}}' c11dep 2>&1 | cut -c1-40): $o]";; esac
done
[ -z "$bad" ] && echo PASS && exit; echo "FAIL:$bad"; exit 1
