#!/bin/sh
# An owner whose health check fails, or never comes to an end, is restarted with its dependents, or started by a heal. The plan says
# before for whom it waits and how long, the dependents end in the owner's network all the same, and the health is said.
trap 'docker rm -f c14own c14dep >/dev/null 2>&1' EXIT
n() { readlink /proc/$(docker inspect -f '{{.State.Pid}}' $1)/ns/net; }
bad=; for check in false 'sleep 50'; do for act in restart heal; do
  docker rm -f c14own c14dep >/dev/null 2>&1
  docker run -d --name c14own --stop-signal KILL --health-cmd "$check" --health-interval 1s --health-timeout 60s --health-retries 1 alpine sleep 600 >/dev/null
  docker run -d --name c14dep --stop-signal KILL --net=container:c14own alpine sleep 600 >/dev/null
  i=0; while [ "$check" = false ] && [ "$(docker inspect -f '{{.State.Health.Status}}' c14own)" != unhealthy ] && [ $i -lt 200 ]; do sleep .1; i=$((i+1)); done
  if [ $act = heal ]; then docker stop c14own >/dev/null; set -- heal --wait 3; else set -- restart --wait 3 --with-dependents c14own; fi
  p=$("$NSTUI" "$@" --dry-run </dev/null 2>&1); o=$("$NSTUI" "$@" --yes </dev/null 2>&1); rc=$?
  case "$p" in *"waits up to 3 s for c14own to become healthy"*"then goes on"*) ;; *) bad="$bad [$check, $act: plan: $p]";; esac
  case "$o" in *c14own*unhealthy*|*"c14own was not healthy within 3 s"*) ;; *) bad="$bad [$check, $act: said: $o]";; esac
  [ $rc = 0 ] && [ "$(n c14own)" = "$(n c14dep)" ] || bad="$bad [$check, $act: exit $rc, c14dep is cut off: $o]"
done; done
[ -z "$bad" ] && echo PASS && exit; echo "FAIL:$bad"; exit 1
