# every query of config/grafana/l2tpd.json and every alert, asked of Debian's Prometheus that scrapes an LNS and a LAC with traffic

OUT=$(cd "$HERE/../.." && pwd)/out
for name in lns lac; do
  new_space "$name"
  mkdir -p "$SCRATCH/$name"
done
join_roots lns 192.0.2.1/24 lac 192.0.2.2/24
common() { # NAME
  echo "data-plane: userspace"
  echo "state-file: $SCRATCH/$1/state.json"
  echo "state-directory: $SCRATCH/$1"
  echo "control: { socket: $SCRATCH/$1/control.sock }"
  echo 'timers: { hello-interval: 2s, retransmit-initial: 500ms, max-retransmits: 3 }'
}
# Prometheus runs at the LAC.
{ common lns; echo 'metrics: { listen: 192.0.2.1:9101, reachable-from: [192.0.2.2] }'; lns_yaml; } > "$SCRATCH/lns/l2tpd.yaml"
{ common lac; echo 'metrics: { listen: 127.0.0.1:9101 }'; lac_yaml; } > "$SCRATCH/lac/l2tpd.yaml"
chmod 600 "$SCRATCH"/*/l2tpd.yaml
in_space() { local name=$1; shift; nsenter --net="/run/netns/$PREFIX-$name" "$@"; }
ctl() { local name=$1; shift; "$OUT/l2tpctl" --socket "$SCRATCH/$name/control.sock" "$@"; }

mkdir "$SCRATCH/prometheus"
cp "$HERE/../../config/prometheus/alerts.yaml" "$SCRATCH/prometheus/"
cat > "$SCRATCH/prometheus/prometheus.yml" << 'END_OF_YAML'
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: l2tpd
    static_configs: [{ targets: ['127.0.0.1:9101', '192.0.2.1:9101'] }]
END_OF_YAML
for name in lns lac; do
  # Not by a function, which would be a shell with the program as its child: the end of the scenario kills what is started here.
  nsenter --net="/run/netns/$PREFIX-$name" "$OUT/l2tpd" --config "$SCRATCH/$name/l2tpd.yaml" > "$LOGS/$name.txt" 2>&1 < /dev/null &
  CHILDREN+=($!)
done
nsenter --net="/run/netns/$PREFIX-lac" prometheus --config.file="$SCRATCH/prometheus/prometheus.yml" \
  --storage.tsdb.path="$SCRATCH/prometheus/data" --web.listen-address=127.0.0.1:9090 > "$LOGS/prometheus.log" 2>&1 < /dev/null &
CHILDREN+=($!)
for name in lns lac; do wait_for 60 "the network of $name" has_network $name; done
# What happens before the second scrape is no rate.
scraped() {
  in_space lac curl --noproxy '*' -s -f "http://127.0.0.1:9090/api/v1/query?query=sum(count_over_time(l2tpd_build_info%5B1m%5D))" |
    grep -Eq '"value":\[[^,]*,"([4-9]|[1-9][0-9])'
}
wait_for 60 'the second scrape' scraped

say 'traffic, and a session that ends and comes again'
in_space lac ping -q -n -c 20 -i 0.05 -s 1000 10.0.0.1 > "$LOGS/ping.txt" || fail 'no ping through the session'
ctl lac tunnel reset office > "$LOGS/reset.txt" || fail 'no reset'
sleep 2
for name in lns lac; do wait_for 60 "the network of $name again" has_network $name; done
in_space lac ping -q -n -c 20 -i 0.05 -s 100 10.0.0.1 >> "$LOGS/ping.txt" || fail 'no ping through the second session'

queries_pass() { in_space lac "$HERE/queries" "$HERE/../../config/grafana/l2tpd.json" http://127.0.0.1:9090 > "$LOGS/queries.txt" 2>&1; }
end=$((SECONDS + 30))
until queries_pass; do
  [ $SECONDS -lt $end ] || fail "without an answer: $(grep -v '^ok' "$LOGS/queries.txt")"
  sleep 2
done
say "queries: $(grep -c '^ok' "$LOGS/queries.txt") answered"
