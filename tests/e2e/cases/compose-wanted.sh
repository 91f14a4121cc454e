#!/bin/sh
# A project is edited after compose has made a container, and its user wants the container to be as the project says now.
D=$(mktemp -d); cd $D; trap 'docker rm -f c12own c12dep >/dev/null 2>&1; docker network rm c12_default >/dev/null 2>&1; rm -rf $D' EXIT
y() { cat > docker-compose.yml <<Y
version: "3.9"
services:
  own: {image: alpine, container_name: c12own, command: sleep 600, stop_signal: SIGKILL}
  dep: {image: alpine, container_name: c12dep, command: [sh, -c, "$1"], stop_signal: SIGKILL, network_mode: "service:own"}
Y
}
n() { readlink /proc/$(docker inspect -f '{{.State.Pid}}' $1)/ns/net; }
y 'sleep 600'; $COMPOSE -p c12 up -d >/dev/null 2>&1; "$NSTUI" rm -f --break-dependents --yes c12own </dev/null >/dev/null 2>&1
$COMPOSE -p c12 up -d --no-deps own >/dev/null 2>&1; y 'sleep 700'; bad=
p=$("$NSTUI" heal --dry-run --compose </dev/null); case "$p" in *"with compose"*"compose changes command"*) ;; *) bad="$bad [the plan is $p]";; esac
"$NSTUI" heal --yes --compose </dev/null >out 2>&1; rc=$?
[ $rc = 0 ] && [ "$(n c12dep)" = "$(n c12own)" ] && [ "$(docker inspect -f '{{index .Config.Cmd 2}}' c12dep)" = 'sleep 700' ] || bad="$bad [exit $rc: $(cat out)]"
[ -z "$bad" ] && echo PASS && exit; echo "FAIL:$bad"; exit 1
