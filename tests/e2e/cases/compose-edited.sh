#!/bin/sh
# A project is edited after compose has made a container. Healing brings that back into its owner's network, as it was, and says what
# compose would have changed.
D=$(mktemp -d); cd $D; trap 'docker rm -f c11own c11oth c11dep >/dev/null 2>&1; docker network rm c11_default >/dev/null 2>&1; rm -rf $D' EXIT
y() { cat > docker-compose.yml <<Y
version: "3.9"
services:
  own: {image: alpine, container_name: c11own, command: sleep 600, stop_signal: SIGKILL}
  oth: {image: alpine, container_name: c11oth, command: sleep 600, stop_signal: SIGKILL}
  dep: {image: alpine, container_name: c11dep, command: [sh, -c, "$2"], stop_signal: SIGKILL, $1}
Y
}
n() { readlink /proc/$(docker inspect -f '{{.State.Pid}}' $1)/ns/net; }
own='network_mode: "service:own"'; bad=
while IFS='|' read -r how what says; do
  y "$own" 'sleep 600'; $COMPOSE -p c11 up -d >/dev/null 2>&1; "$NSTUI" rm -f --break-dependents --yes c11own </dev/null >/dev/null 2>&1; $COMPOSE -p c11 up -d --no-deps own >/dev/null 2>&1
  y "$how" "$what"; p=$("$NSTUI" heal --dry-run </dev/null); "$NSTUI" heal --yes </dev/null >out 2>&1; rc=$?
  case "$p" in *"not with compose, which would change "*"$says"*) ;; *) bad="$bad [$how|$what: the plan is $p]";; esac
  [ $rc = 0 ] && [ "$(n c11dep)" = "$(n c11own)" ] && [ "$(docker inspect -f '{{index .Config.Cmd 2}}' c11dep)" = 'sleep 600' ] || bad="$bad [$how|$what: exit $rc, $(docker inspect -f '{{.State.Status}} in {{.HostConfig.NetworkMode}}' c11dep | cut -c1-40)]"
done <<'T'
network_mode: "service:oth"|sleep 600|network_mode (it would join oth)
labels: [a]|sleep 600|network_mode (it would join no container)
network_mode: "service:own"|exit 3|command
T
[ -z "$bad" ] && echo PASS && exit; echo "FAIL:$bad"; exit 1
