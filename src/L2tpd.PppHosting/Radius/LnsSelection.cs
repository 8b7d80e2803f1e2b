using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// Answers the engine's question which LNS to dial for a tunnel with <c>select: radius</c>: asks the servers, and resolves the names in
/// their answer.
/// </summary>
/// <remarks>
/// Loop thread only; names are resolved outside of it. A tunnel has one question at a time. Known race: the tunnel asks again, or is
/// removed, before the answer. The number in the answer no longer matches, and the engine drops it.
/// </remarks>
public sealed class LnsSelection(
    RadiusTunnels tunnels, LoopTimers timers, IInputSink sink, HostResolver resolver, Action<string, string> onSelected) : ITurnEnd
{
    private readonly Dictionary<ulong, (DialKey Dial, string User)> _asked = [];
    private ulong _numbers;

    /// <inheritdoc/>
    public long NextDeadline => tunnels.NextDeadline;

    /// <summary>Asks where to dial; <see cref="HostResolved"/> follows, not within the call.</summary>
    public void Ask(DialKey dial, LnsQuery query)
    {
        _asked[++_numbers] = (dial, query.User);
        tunnels.Ask(
            _numbers, new TunnelQuery(query.User, query.Password, Environment.MachineName) { Group = query.Group }, timers.Now);
    }

    /// <inheritdoc/>
    public void OnTurnEnd(long now)
    {
        tunnels.HandleDeadline(now);
        while (tunnels.TryTake(out var number, out var answer))
        {
            if (_asked.Remove(number, out var asked))
                Answer(asked.Dial, asked.User, answer!);
        }
    }

    private void Answer(DialKey dial, string user, TunnelAnswer answer)
    {
        if (answer.Error is { } error)
        {
            sink.Submit(new HostResolved(dial, [], error));
            return;
        }

        onSelected(user, string.Join(", ", answer.Choices.Select(static choice => choice.Host)));
        var found = new Found(answer.Choices.Length);
        for (var i = 0; i < answer.Choices.Length; i++)
        {
            var (place, choice) = (i, answer.Choices[i]);
            if (IPAddress.TryParse(choice.Host, out var literal))
                Take([literal], null);
            else
                resolver.LookUp(choice.Host, Take);

            void Take(ImmutableArray<IPAddress> addresses, string? problem)
            {
                if (found.Take(place, Candidates(choice, addresses), problem))
                    sink.Submit(new HostResolved(dial, [], found.Problem) { Candidates = found.InOrder });
            }
        }
    }

    private static ImmutableArray<LnsCandidate> Candidates(TunnelChoice choice, ImmutableArray<IPAddress> addresses) =>
    [
        .. addresses.Where(address => choice.Family is null || address.AddressFamily == choice.Family)
            .Select(address => new LnsCandidate(address)
            {
                LocalAddress = choice.LocalAddress is { } local && local.AddressFamily == address.AddressFamily ? local : null,
                Secret = choice.Secret,
                LocalHostName = choice.LocalName,
                PeerHostName = choice.PeerName,
                AssignmentId = choice.AssignmentId,
                PrivateGroupId = choice.PrivateGroupId,
            }),
    ];

    /// <summary>The addresses of the LNSs of one answer, until all names are resolved.</summary>
    private sealed class Found(int count)
    {
        private readonly ImmutableArray<LnsCandidate>[] _places = new ImmutableArray<LnsCandidate>[count];
        private int _missing = count;

        public string? Problem { get; private set; }

        public ImmutableArray<LnsCandidate> InOrder => [.. _places.SelectMany(static candidates => candidates)];

        /// <summary>True with the last one.</summary>
        public bool Take(int place, ImmutableArray<LnsCandidate> candidates, string? problem)
        {
            _places[place] = candidates;
            Problem ??= problem ?? (candidates.IsEmpty ? "no address of an LNS has the family of its Tunnel-Medium-Type" : null);
            return --_missing == 0;
        }
    }
}
