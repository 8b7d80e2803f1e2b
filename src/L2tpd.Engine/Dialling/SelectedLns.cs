using System.Collections.Immutable;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// The LNSs that a server named in its last answer, each with its rules; empty for a tunnel with configured LNSs. The next answer replaces
/// them: a tunnel that is up keeps the rules it was dialled with.
/// </summary>
internal sealed class SelectedLns
{
    private readonly Dictionary<Endpoint, LnsCandidate> _candidates = [];

    /// <summary>Whether a server is asked for the LNSs of that tunnel: the only one of its list has the question.</summary>
    public static bool AreIn(LacTunnel configuration) => configuration.Remotes is [{ Query: not null }];

    /// <summary>Takes an answer over.</summary>
    /// <returns>The addresses in its order. Of two with the same address the first counts.</returns>
    public List<Endpoint> Replace(ImmutableArray<LnsCandidate> candidates, ushort port, LacTunnel configuration)
    {
        _candidates.Clear();
        var order = new List<Endpoint>();
        foreach (var candidate in candidates)
        {
            var endpoint = configuration.EndpointOf(candidate.Address, port);
            if (_candidates.TryAdd(endpoint.WithoutPort, candidate))
                order.Add(endpoint);
        }

        return order;
    }

    /// <summary>The LNS at an address; <c>null</c> if the answer has none there.</summary>
    public LnsCandidate? At(Endpoint remote) => _candidates.GetValueOrDefault(remote.WithoutPort);

    /// <summary>An LNS sends us to others: its rules are theirs.</summary>
    public void Redirect(Endpoint from, IEnumerable<Endpoint> to)
    {
        if (At(from) is not { } candidate)
            return;
        foreach (var target in to)
            _candidates.TryAdd(target.WithoutPort, candidate);
    }
}
