# as a user does it: an LNS and a LAC from the start pages, Debian's Prometheus, an alert and an explanation when the link is cut, drain, upgrade

# The first configuration of a page, and the options that a test cannot wait for.
first_yaml() { awk '/^```yaml/ { inside = 1; next } /^```/ { if (inside) exit } inside' "$HERE/../../docs/$1"; }
quick_timers() { write "$1" /etc/l2tpd/conf.d/test.yaml << 'END_OF_YAML'
timers: { hello-interval: 2s, retransmit-initial: 500ms, max-retransmits: 3 }
metrics: { listen: 127.0.0.1:9101 }
END_OF_YAML
}
has_network() { inside "$1" l2tpctl show sessions | grep -q network-up; }
has_no_network() { ! has_network "$1"; }
pings() { inside lac ping -q -n -c 1 -W 1 10.20.0.1; }
prometheus_says() { # PATH REGEX
  ip netns exec "$PREFIX-lac" curl --noproxy '*' -s -f "http://127.0.0.1:9090/api/v1/$1" > "$LOGS/prometheus.json" && grep -Eq -- "$2" "$LOGS/prometheus.json"
}
# "Peers do not answer": the alert for a cut link.
ALERT='"alertname":"L2tpdPeerUnreachable"'
alert_fires() { prometheus_says alerts "$ALERT" && grep -Eq '"state":"firing"' "$LOGS/prometheus.json"; }
no_alert() { ! prometheus_says alerts "$ALERT" && prometheus_says alerts '"status":"success"'; }

say 'two machines with the package of an earlier build'
for name in lns lac; do
  new_root $name
  boot $name
  install_deb $name "$DEB_BEFORE" || fail "dpkg -i in $name"
done
join_roots lns 192.0.2.1/24 lac 192.0.2.2/24

say 'the LNS of docs/start-concentrator.md, the LAC of docs/start-client.md'
first_yaml start-concentrator.md | write lns /etc/l2tpd/l2tpd.yaml
# As the page says: "leave the line out if the LNS has none".
first_yaml start-client.md | grep -v 'secret:' | write lac /etc/l2tpd/l2tpd.yaml
echo '192.0.2.1 vpn.example.net' | inside lac sh -c 'cat >> /etc/hosts'
for name in lns lac; do
  quick_timers $name
  inside $name l2tpd --check /etc/l2tpd/l2tpd.yaml > "$LOGS/check-$name.txt" 2>&1 || fail "$(cat "$LOGS/check-$name.txt")"
  inside $name systemctl enable --now l2tpd > /dev/null 2>&1 || fail "no start in $name"
done
for name in lns lac; do wait_for 30 "the network in $name" has_network $name; done
pings > /dev/null || fail 'no ping through the session'
inside lac l2tpctl explain office/main > "$LOGS/explain-up.txt" || fail 'no explanation of what is up'

say 'Prometheus scrapes the LAC'
mkdir "$SCRATCH/prometheus"
# Our rules as they are shipped, but for the time that an alert waits.
sed 's/for: .*/for: 3s/; s/\[[0-9]*[mh]\]/[15s]/g' "$HERE/../../config/prometheus/alerts.yaml" > "$SCRATCH/prometheus/alerts.yaml"
cat > "$SCRATCH/prometheus/prometheus.yml" << 'END_OF_YAML'
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: l2tpd
    static_configs: [{ targets: ['127.0.0.1:9101'] }]
END_OF_YAML
# Not the service of the package: a process of this scenario, in the LAC's network.
nsenter --net="/run/netns/$PREFIX-lac" prometheus --config.file="$SCRATCH/prometheus/prometheus.yml" \
  --storage.tsdb.path="$SCRATCH/prometheus/data" --web.listen-address=127.0.0.1:9090 > "$LOGS/prometheus.log" 2>&1 < /dev/null &
CHILDREN+=($!)
wait_for 30 'a scrape' prometheus_says 'query?query=l2tpd_build_info' '"l2tpd_build_info"'
wait_for 30 'silence' no_alert

say 'the link is cut: an alert fires, and explain says why'
ip -n "$PREFIX-lns" link set eth0 down
wait_for 60 'the end of the session at the LAC' has_no_network lac
wait_for 60 'an alert' alert_fires
say "alert: $(grep -o '"alertname":"[^"]*"' "$LOGS/prometheus.json" | sort -u | tr '\n' ' ')"
inside lac l2tpctl explain office/main > "$LOGS/explain-down.txt" 2>&1
sed 's/^/#   /' "$LOGS/explain-down.txt"
grep -Eiq 'no answer|not answer|acknowledg|unreachable|retransmi' "$LOGS/explain-down.txt" || fail 'explain does not say that the LNS does not answer'

say 'the link is back'
ip -n "$PREFIX-lns" link set eth0 up
wait_for 90 'the session' has_network lac
wait_for 60 'silence after the link is back' no_alert

say 'drain and upgrade of the LNS'
inside lns l2tpctl drain > "$LOGS/drain.txt" || fail 'no drain'
grep -q '^drained: all peers; still up: 1 tunnels, 1 sessions' "$LOGS/drain.txt" || fail "drain answers: $(cat "$LOGS/drain.txt")"
pings > /dev/null || fail 'drain ended what is up'
inside lns l2tpctl show status | grep -q drain || fail 'show status does not tell of the drain'
before=$(inside lns dpkg-query -W -f '${Version}' l2tpd)
install_deb lns "$DEB" || fail 'the upgrade of the LNS'
[ "$(inside lns dpkg-query -W -f '${Version}' l2tpd)" != "$before" ] || fail 'no other version'
wait_for 90 'the session after the upgrade of the LNS' has_network lac
install_deb lac "$DEB" || fail 'the upgrade of the LAC'
wait_for 90 'the session after the upgrade of the LAC' has_network lac
wait_for 10 'a ping after the upgrades' pings
