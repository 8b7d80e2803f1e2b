using System.Globalization;
using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>One page of tunnels or peers, collected in one turn of the loop.</summary>
public static class TunnelWalk
{
    /// <summary>Tunnels by rising id; <see cref="PageRequest.Name"/> is a tunnel's name or id, or a peer's name.</summary>
    /// <param name="tunnels">All tunnels, in any order.</param>
    /// <param name="request">Name, cursor and size of the page.</param>
    /// <param name="now">Engine time, ms.</param>
    /// <param name="view">Makes the view of a tunnel; <c>null</c> for <see cref="ViewMapper"/>.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public static Page<TunnelView> Tunnels(
        IEnumerable<Tunnel> tunnels, PageRequest request, long now, Converter<Tunnel, TunnelView>? view = null)
    {
        var after = Cursor(request.After);
        var query = request.Name is { } name ? new NameQuery(name) : (NameQuery?)null;
        var page = new LowestKeys<Tunnel>(request.Limit);
        foreach (var tunnel in tunnels)
        {
            if (tunnel.LocalId.Value > after && Fits(tunnel))
                page.Offer(tunnel.LocalId.Value, tunnel);
        }

        var chosen = page.Take();
        return new Page<TunnelView>(
            chosen.ConvertAll(view ?? (t => ViewMapper.From(t, now))), page.Overflowed ? NameLookup.Id(chosen[^1]) : null);

        bool Fits(Tunnel tunnel) =>
            query is not { } only || tunnel.Profile.Name == request.Name || only.NamesTunnel(tunnel) || only.IsIdOf(tunnel.LocalId.Value);
    }

    /// <summary>
    /// Peers in the order given, those without tunnels included, then profiles that a reload removed and that still have tunnels.
    /// </summary>
    /// <param name="profiles">The configured peers, then those of dialled tunnels.</param>
    /// <param name="tunnels">All tunnels, in any order.</param>
    /// <param name="request">Name, cursor and size of the page.</param>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public static Page<PeerView> Peers(IEnumerable<PeerProfile> profiles, IEnumerable<Tunnel> tunnels, PageRequest request)
    {
        var after = (int)Math.Min(Cursor(request.After), int.MaxValue);
        var summaries = new OrderedDictionary<string, PeerSummary>(StringComparer.Ordinal);
        foreach (var profile in profiles)
            summaries.TryAdd(profile.Name, new PeerSummary(profile));
        foreach (var tunnel in tunnels)
        {
            if (!summaries.TryGetValue(tunnel.Profile.Name, out var summary))
                summaries.Add(tunnel.Profile.Name, summary = new PeerSummary(tunnel.Profile));
            summary.Add(tunnel);
        }

        var fitting = summaries.Values.Where(t => request.Name is null || t.Name == request.Name).ToList();
        var page = fitting.Skip(after).Take(request.Limit).Select(static t => t.View()).ToList();
        var end = after + page.Count;
        return new Page<PeerView>(page, end < fitting.Count ? end.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static uint Cursor(string? after)
    {
        if (after is null)
            return 0;
        return NameQuery.TryId(after, out var id)
            ? id
            : throw new ControlRequestException($"after: \"{after}\" is not a cursor of this list");
    }
}
