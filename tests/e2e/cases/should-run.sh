#!/bin/sh
# A dependent that is to run for ever was started before its owner, as it happens after a restart of the engine, and the engine gave up.
# Now the owner runs. That the dependent is down has to be found, and heal has to start it, and whatever joined it after it.
trap 'docker rm -f c5own c5dep c5far >/dev/null 2>&1' EXIT
docker create --name c5own --restart=always alpine sleep 600 >/dev/null
docker run -d --name c5dep --restart=always --net=container:c5own alpine sleep 600 >/dev/null 2>&1
docker run -d --name c5far --restart=always --net=container:c5dep alpine sleep 600 >/dev/null 2>&1
docker start c5own >/dev/null
found=$("$NSTUI" check); wrong=$?
said=$("$NSTUI" heal --yes 2>&1); healed=$?
states=$(docker inspect -f '{{.State.Status}}' c5dep c5far | tr '\n' ' ')
[ $wrong = 1 ] && [ $healed = 0 ] && [ "$states" = "running running " ] && "$NSTUI" check >/dev/null && echo PASS && exit
echo "FAIL: check exits $wrong: $found; heal exits $healed: $said; c5dep and c5far are $states"; exit 1
