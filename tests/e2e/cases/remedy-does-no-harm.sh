#!/bin/sh
# The owner of a running dependent cannot stay up any more and is started again and again. Whoever pastes what is printed as the remedy of
# the dependent, at whatever moment of the loop, must not end up with a dependent that is down.
D=$(mktemp -d); trap 'docker rm -f c7own c7dep >/dev/null 2>&1; rm -rf $D' EXIT
echo 'sleep 600' > $D/go
docker run -d --name c7own --restart=always --stop-timeout 1 -v $D:/d alpine sh /d/go >/dev/null
docker run -d --name c7dep --stop-timeout 1 --net=container:c7own alpine sleep 600 >/dev/null
echo 'sleep 1; exit 3' > $D/go; docker restart -t 0 c7own >/dev/null
while [ "$(docker inspect -f '{{.RestartCount}}' c7own)" -lt 3 ]; do sleep 0.1; done
n=0; while [ $n -lt 8 ]; do
  n=$((n + 1))
  "$NSTUI" check --json | python3 -c 'import json,sys
print(*(f["remedy"] for f in json.load(sys.stdin)["findings"] if f["name"] == "c7dep"), sep="\n")' > $D/remedies
  [ -s $D/remedies ] || { echo "FAIL: nothing is found wrong with c7dep"; exit 1; }
  while read -r remedy; do
    sh -c "$remedy" >$D/out 2>&1; state=$(docker inspect -f '{{.State.Status}}' c7dep)
    [ "$state" = running ] || { echo "FAIL: '$remedy' left c7dep $state; it ran before"; exit 1; }
  done < $D/remedies
done
"$NSTUI" heal --yes >$D/out 2>&1; state=$(docker inspect -f '{{.State.Status}}' c7dep)
[ "$state" = running ] && echo PASS && exit; echo "FAIL: heal left c7dep $state: $(cat $D/out)"; exit 1
