using System.Net;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The routes of users over all sessions. A destination leads to one session at a time, whatever the data plane: to the one with the lowest
/// metric, and of equal metrics to the first. The others wait, and take over when that session ends: a user who comes back before its dead
/// session was noticed, or a second line. Loop thread only.
/// </summary>
internal sealed class FramedRouteTable
{
    private readonly Dictionary<IPNetwork, List<FramedRouteClaim>> _claims = [];

    /// <summary>Adds a session's claim, and installs its route if no better one has it.</summary>
    public void Add(FramedRouteClaim claim)
    {
        if (!_claims.TryGetValue(claim.Destination, out var claims))
            _claims[claim.Destination] = claims = new List<FramedRouteClaim>(1);
        var place = claims.FindIndex(other => other.Metric > claim.Metric);
        claims.Insert(place < 0 ? claims.Count : place, claim);
        if (claims[0] != claim)
        {
            claim.State = FramedRouteState.Waiting;
            return;
        }

        if (claims.Count > 1)
            Yield(claims[1]);
        Install(claim);
    }

    /// <summary>Takes a claim back, and gives its route to the next session.</summary>
    public void Remove(FramedRouteClaim claim)
    {
        if (!_claims.TryGetValue(claim.Destination, out var claims))
            return;
        var had = claims[0] == claim;
        if (!claims.Remove(claim))
            return;
        if (had)
            Yield(claim);
        if (claims.Count == 0)
            _claims.Remove(claim.Destination);
        else if (had)
            Install(claims[0]);
    }

    /// <summary>Name of the session that has the destination; <c>null</c>: none.</summary>
    public string? HolderOf(IPNetwork destination) =>
        _claims.TryGetValue(destination, out var claims) ? claims[0].Owner.Name : null;

    private static void Install(FramedRouteClaim claim)
    {
        claim.State = FramedRouteState.Installed;
        claim.Owner.InstallRoute(claim);
    }

    private static void Yield(FramedRouteClaim claim)
    {
        claim.State = FramedRouteState.Waiting;
        claim.Owner.UninstallRoute(claim);
    }
}

/// <summary>A session that claims routes.</summary>
internal interface IFramedRouteOwner
{
    /// <summary>The session's name.</summary>
    string Name { get; }

    /// <summary>The route leads to this session from now on.</summary>
    void InstallRoute(FramedRouteClaim claim);

    /// <summary>The route leads to another session from now on, or to none.</summary>
    void UninstallRoute(FramedRouteClaim claim);
}

/// <summary>One route that a session should have.</summary>
/// <param name="owner">The session.</param>
/// <param name="destination">The network.</param>
/// <param name="gateway">As the server wrote it; <c>null</c>: the session.</param>
/// <param name="metric">The lowest one counts.</param>
internal sealed class FramedRouteClaim(IFramedRouteOwner owner, IPNetwork destination, IPAddress? gateway, uint metric)
{
    public IFramedRouteOwner Owner { get; } = owner;

    public IPNetwork Destination { get; } = destination;

    public IPAddress? Gateway { get; } = gateway;

    public uint Metric { get; } = metric;

    public FramedRouteState State { get; set; }

    /// <summary>Why it is not installed, as text; <c>null</c>: no reason of its own.</summary>
    public string? Problem { get; set; }
}

/// <summary>What became of a route.</summary>
internal enum FramedRouteState : byte
{
    /// <summary>The rules of the profile forbid it.</summary>
    Refused,

    /// <summary>Another session has it.</summary>
    Waiting,

    /// <summary>Packets to it go to the session.</summary>
    Installed,

    /// <summary>The kernel or the data plane did not take it.</summary>
    Failed,
}
