using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Asks the servers where a LAC should dial (RFC 2868, RFC 2809 section 3). For tunnels with <c>select: radius</c>, and for whatever else
/// carries a subscriber to an LNS: it knows nothing of what the answer is for.
/// </summary>
/// <remarks>
/// One thread, the loop's. A question is asked once and answered once, never within the call. A question that is no longer of interest is
/// answered all the same: the asker compares its number.
/// </remarks>
/// <param name="exchange">The client.</param>
/// <param name="random">Shares the load among equals.</param>
public sealed class RadiusTunnels(RadiusExchange exchange, IRadiusRandom random) : IRadiusRequester
{
    private readonly Dictionary<ulong, (ulong Number, TunnelQuery Query)> _asked = [];
    private readonly Queue<(ulong Number, TunnelAnswer Answer)> _answers = new();

    /// <summary>When to call <see cref="HandleDeadline"/>; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline => _answers.Count > 0 ? 0 : exchange.NextDeadline;

    /// <summary>Asks a question.</summary>
    /// <param name="number">Of the caller; in the answer again.</param>
    /// <param name="query">What to ask.</param>
    /// <param name="now">Milliseconds.</param>
    public void Ask(ulong number, TunnelQuery query, long now) =>
        _asked[exchange.Submit(this, new TunnelRequest(query), query.Group, now)] = (number, query);

    /// <summary>Takes one answer.</summary>
    /// <returns>False if there is none now.</returns>
    public bool TryTake(out ulong number, out TunnelAnswer? answer)
    {
        var taken = _answers.TryDequeue(out var next);
        (number, answer) = next;
        return taken;
    }

    /// <summary>Retransmissions, and requests that no server answered.</summary>
    public void HandleDeadline(long now)
    {
        if (exchange.NextDeadline <= now)
            exchange.HandleDeadline(now);
    }

    void IRadiusRequester.OnAnswered(ulong token, string server, in RadiusPacket answer)
    {
        // The other form is called: Tunnel-Password cannot be read here.
    }

    void IRadiusRequester.OnAnswered(
        ulong token, string server, in RadiusPacket answer, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        if (_asked.Remove(token, out var asked))
            _answers.Enqueue((asked.Number, Read(answer, asked.Query, server, authenticator, secret)));
    }

    void IRadiusRequester.OnUnanswered(ulong token, long now)
    {
        if (_asked.Remove(token, out var asked))
            _answers.Enqueue((asked.Number, TunnelAnswer.Nothing($"no RADIUS server answered where to dial for {asked.Query.User}")));
    }

    void IRadiusRequester.Continue(long now)
    {
        // An answer lets nothing else wait.
    }

    private TunnelAnswer Read(
        in RadiusPacket answer, TunnelQuery query, string server, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        if (answer.Code != RadiusCode.AccessAccept)
            return TunnelAnswer.Nothing($"RADIUS server {server} rejected {query.User}");

        var selected = TunnelSelector.Select(TunnelGroupReader.Read(answer, authenticator, secret), random);
        return selected.Error is { } error
            ? TunnelAnswer.Nothing($"the Access-Accept of RADIUS server {server} for {query.User} cannot be used: {error}")
            : selected;
    }
}
