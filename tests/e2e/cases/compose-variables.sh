#!/bin/sh
# compose made a container with variables that a plain compose of today does not have: from a file that was named, or from the
# shell. Healing keeps its environment and its mounts.
D=$(mktemp -d); cd $D; trap 'docker rm -f c3own c3dep >/dev/null 2>&1; docker network rm c3_default >/dev/null 2>&1; rm -rf "$D"' EXIT
cat > docker-compose.yml <<'Y'
version: "3.9"
services:
  own: {image: alpine, container_name: c3own, command: sleep 600, stop_signal: SIGKILL, environment: ["R=${R:-1}"]}
  dep: {image: alpine, container_name: c3dep, command: sleep 600, stop_signal: SIGKILL, network_mode: "service:own", environment: ["KEY=${KEY:-changeme}", "PLAIN=${PLAIN}"], volumes: ["${DATA:-/usr}:/data"]}
Y
printf 'KEY=secret\nDATA=/etc\nPLAIN=\n' > prod.env; f='{{.HostConfig.Binds}} {{.Config.Env}}'; bad=
rm_own() { "$NSTUI" rm -f --break-dependents --yes c3own </dev/null >/dev/null 2>&1; }
look() { [ "$(docker inspect -f "$f" c3dep)" = "$a" ] && [ "$(docker inspect -f '{{.HostConfig.NetworkMode}}' c3dep)" = "container:$(docker inspect -f '{{.Id}}' c3own)" ] || bad="$bad [$1: exit $rc; before: $a; after: $(docker inspect -f "$f" c3dep)]"; }
$COMPOSE -p c3 --env-file prod.env up -d >/dev/null 2>&1; a=$(docker inspect -f "$f" c3dep)
rm_own; R=2 $COMPOSE -p c3 --env-file prod.env up -d --no-deps own >/dev/null 2>&1; "$NSTUI" heal --yes --onto c3own c3dep </dev/null >out 2>&1; rc=$?; look "told whom"
rm_own; R=3 $COMPOSE -p c3 --env-file prod.env up -d --no-deps own >/dev/null 2>&1; rm prod.env; "$NSTUI" heal --yes </dev/null >out 2>&1; rc=$?; look "file of variables gone"
docker rm -f c3own c3dep >/dev/null; KEY=secret DATA=/etc PLAIN=p $COMPOSE -p c3 up -d >/dev/null 2>&1; a=$(docker inspect -f "$f" c3dep)
rm_own; R=2 $COMPOSE -p c3 up -d --no-deps own >/dev/null 2>&1; "$NSTUI" heal --yes </dev/null >out 2>&1; rc=$?; look "variables of the shell"
case "$a" in *secret*) ;; *) bad="$bad nothing was tested: $a";; esac
[ -z "$bad" ] && echo PASS && exit; echo "FAIL:$bad"; cat out; exit 1
