using System.Collections.Immutable;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>
/// Sessions by peer profile, pseudowire and state. A scrape of 100,000 sessions must not hold up the loop: of L2TPv2 tunnels, whose
/// sessions are PPP, only those in set-up are looked at; of L2TPv3 tunnels all, with one addition each.
/// </summary>
internal sealed class SessionCensus
{
    private static readonly ImmutableArray<string> Wires = ["ppp", "ethernet", "ethernet-vlan", "other"];
    private static readonly ImmutableArray<SessionState> States = [.. Enum.GetValues<SessionState>()];

    private readonly Dictionary<string, long[]> _counts = new(StringComparer.Ordinal);

    public SessionCensus(IEnumerable<Tunnel> tunnels)
    {
        foreach (var tunnel in tunnels)
        {
            if (!_counts.TryGetValue(tunnel.Profile.Name, out var counts))
                _counts[tunnel.Profile.Name] = counts = new long[Wires.Length * States.Length];
            if (tunnel.Version == ProtocolVersion.V2)
            {
                foreach (var session in tunnel.SettingUp)
                    Count(counts, 0, session.State, 1);
                Count(counts, 0, SessionState.Established, tunnel.Sessions.Count - tunnel.SettingUp.Count());
                continue;
            }

            foreach (var session in tunnel.Sessions.Values)
                Count(counts, WireOf(session), session.State, 1);
        }
    }

    /// <summary>Adds what is not 0, and the established sessions of each profile in any case.</summary>
    public void AddTo(CounterSamples samples)
    {
        foreach (var (peer, counts) in _counts)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                var (wire, state) = Math.DivRem(i, States.Length);
                if (counts[i] > 0 || (wire == 0 && States[state] == SessionState.Established))
                    samples.Add(counts[i], peer, Wires[wire], ApiText.Of(States[state]));
            }
        }
    }

    private static void Count(long[] counts, int wire, SessionState state, int sessions) =>
        counts[(wire * States.Length) + (int)state] += sessions;

    private static int WireOf(Session session) => session.Pseudowire?.Type switch
    {
        null or PseudowireType.Ppp => 0,
        PseudowireType.Ethernet => 1,
        PseudowireType.EthernetVlan => 2,
        _ => 3,
    };
}
