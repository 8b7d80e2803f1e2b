using System.Globalization;
using System.Net;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Operations.Control;
using L2tpd.Operations.History;
using L2tpd.Operations.Sessions;
using static L2tpd.Control.ExplanationStep;

namespace L2tpd.Operations.Explanations;

/// <summary>
/// Says of a session, tunnel or user how far it came, what it waits for, or what it died of: in words, on one screen. Loop thread only.
/// </summary>
/// <param name="finder">Finds sessions.</param>
/// <param name="tunnels">All tunnels at the time of the question.</param>
/// <param name="history">The last ends.</param>
public sealed class SessionExplainer(SessionFinder finder, Func<IEnumerable<Tunnel>> tunnels, HistoryLog history)
{
    /// <summary>Earlier ends that are shown.</summary>
    public const int MostPast = 5;

    private const int MostSessions = 10;

    /// <summary>The steps of PPP on a session; empty: no PPP of ours runs there.</summary>
    public Func<Session, IReadOnlyList<ExplanationStep>> PppSteps { get; init; } = static _ => [];

    /// <summary>Whether and by whose identity a tunnel is inside IPsec; <c>null</c>: nothing asks for IPsec, or nothing is known.</summary>
    public Func<Tunnel, ExplanationStep?> IpsecStep { get; init; } = static _ => null;

    /// <summary>The security associations with the peer at an address, one sentence each.</summary>
    public Func<IPAddress, IReadOnlyList<string>> AssociationsAt { get; init; } = static _ => [];

    /// <summary>When and why a dialled tunnel or session of this name is tried again; <c>null</c>: it is not.</summary>
    public Func<string, string?> RetryOf { get; init; } = static _ => null;

    /// <summary>
    /// Explains what a name or id means: a session, a tunnel, a user, the peer at an IP address, or what the history knows of it.
    /// </summary>
    /// <param name="name">Name, id, user or IP address.</param>
    /// <param name="now">Engine time, ms.</param>
    public LookupResult<ExplanationView> Explain(string name, long now)
    {
        var tunnel = NameLookup.Tunnel(tunnels(), name);
        if (tunnel.Value is { } found)
            return new LookupResult<ExplanationView>(OfTunnel(found, now), []);
        var session = finder.One(name, SessionSelector.All);
        if (session.Value is { } one)
            return new LookupResult<ExplanationView>(OfSession(one, now), []);
        var candidates = session.Candidates.Count > 0 ? session.Candidates : tunnel.Candidates;
        if (candidates.Count > 0)
            return new LookupResult<ExplanationView>(null, candidates);
        return (NameQuery.TryAddress(name, out var address) ? OfAddress(address, name, now) : null) ?? OfPast(name);
    }

    /// <summary>The tunnel with the peer at an address, or the IPsec that it has so far; <c>null</c> if it has neither.</summary>
    private LookupResult<ExplanationView>? OfAddress(IPAddress address, string name, long now)
    {
        var query = new NameQuery(name);
        var there = tunnels().Where(tunnel => query.IsAddressOf(tunnel.Path.Remote)).Take(NameLookup.MaxCandidates).ToArray();
        if (there is [var only])
            return new LookupResult<ExplanationView>(OfTunnel(only, now), []);
        if (there.Length > 0)
            return new LookupResult<ExplanationView>(null, [.. there.Select(NameLookup.Id).Order(StringComparer.Ordinal)]);
        if (AssociationsAt(address) is not { Count: > 0 } associations)
            return null;
        var steps = associations.Take(MostSessions).Select(static text => new ExplanationStep("IPsec", Done, text))
            .Append(new ExplanationStep("tunnel", Waiting, "no SCCRQ has come out of IPsec: does a firewall drop UDP 1701 behind IPsec?"))
            .ToList();
        return new LookupResult<ExplanationView>(new ExplanationView
        {
            Subject = $"peer {name}",
            Summary = SummaryOf(steps, "", isUp: false),
            Steps = steps,
            Past = PastOf(name),
        }, []);
    }

    private IEnumerable<ExplanationStep> TunnelSteps(Tunnel tunnel, long now) =>
        IpsecStep(tunnel) is { } ipsec ? [ipsec, TunnelStep(tunnel, now)] : [TunnelStep(tunnel, now)];

    private ExplanationView OfSession(Session session, long now)
    {
        var steps = new List<ExplanationStep>(TunnelSteps(session.Tunnel, now)) { CallStep(session), DataPlaneStep(session) };
        steps.AddRange(PppOf(session));
        steps.Add(NetworkStep(session, now));
        var isUp = session.Data == DataState.NetworkUp;
        var user = session.User?.Name is { } name ? $" (user {name})" : "";
        return new ExplanationView
        {
            Subject = $"session {session.Name}{user}",
            Summary = SummaryOf(steps, isUp ? "the network is up" : "it is up, without a network of ours", isUp),
            Steps = steps,
            Past = PastOf(session.User?.Name ?? session.Name),
        };
    }

    private ExplanationView OfTunnel(Tunnel tunnel, long now)
    {
        var steps = new List<ExplanationStep>(TunnelSteps(tunnel, now));
        var waiting = tunnel.Sessions.Values.Where(static session => session.Data != DataState.NetworkUp);
        foreach (var session in waiting.Take(MostSessions))
        {
            var first = OfSession(session, now).Steps.FirstOrDefault(static step => step.State is Waiting or Failed);
            if (first is not null)
                steps.Add(new ExplanationStep($"session {session.Name}", first.State, $"{first.Part}: {first.Text}"));
        }

        var up = tunnel.Sessions.Values.Count(static session => session.Data == DataState.NetworkUp);
        return new ExplanationView
        {
            Subject = $"tunnel {tunnel.Name}",
            Summary = SummaryOf(steps, string.Create(
                CultureInfo.InvariantCulture, $"the tunnel is up; of {tunnel.Sessions.Count} sessions {up} have a network"),
                isUp: tunnel.State == TunnelState.Established),
            Steps = steps,
            Past = PastOf(tunnel.Name),
        };
    }

    private LookupResult<ExplanationView> OfPast(string name)
    {
        var retry = RetryOf(name);
        var past = PastOf(name);
        return past is null && retry is null ? new LookupResult<ExplanationView>(null, []) : new LookupResult<ExplanationView>(
            new ExplanationView
            {
                Subject = name,
                Summary = (retry, past) switch
                {
                    ({ } again, _) => $"it is not there; {again}",
                    (_, [var last, ..]) => $"it is not there; the last that is known of it: {last.Text}",
                    _ => "it is not there",
                },
                Steps = [],
                Past = past,
            }, []);
    }

    private ExplanationPast[]? PastOf(string name)
    {
        var page = history.Read(new PageRequest(name, null, MostPast)).Items;
        return page.Count == 0 ? null :
        [
            .. page.Select(static entry => new ExplanationPast(entry.At, entry.Name, $"{KindOf(entry)}: {entry.Reason}")),
        ];
    }

    private static string KindOf(HistoryEntryView entry) => entry.Kind switch
    {
        "session-ended" => entry.UpSeconds is null ? "the session was never established" : "the session ended",
        "tunnel-ended" => entry.UpSeconds is null ? "the tunnel was never established" : "the tunnel ended",
        "authentication-failed" => "authentication failed",
        "session-refused" => "a session was refused",
        "tunnel-refused" => "a tunnel was refused",
        "lookup-failed" => "its name could not be resolved",
        "peer-silent" => "the peer fell silent",
        "ike-failed" => "IKE failed",
        _ => "the digests of the peer are wrong",
    };

    /// <summary>The first step that is not there decides; otherwise all is well.</summary>
    private static string SummaryOf(List<ExplanationStep> steps, string well, bool isUp)
    {
        var stops = steps.Find(static step => step.State is Failed or Waiting);
        if (stops is null)
            return well;
        // A layer that waits beside one that is up is worth a word, and no more.
        return isUp ? $"{well}, but {stops.Part}: {stops.Text}"
            : stops.State == Failed ? $"it died of {stops.Part}: {stops.Text}" : $"it waits for {stops.Part}: {stops.Text}";
    }

    private static ExplanationStep TunnelStep(Tunnel tunnel, long now)
    {
        var host = tunnel.PeerIntroduction is { HostName: { } named } ? $" ({named})" : "";
        var with = $"{ApiText.Of(tunnel.Path.Remote) ?? "the peer"}{host}";
        if (TunnelProblem.Of(tunnel) is { } problem)
            return new("tunnel", Failed, $"with {with}: {problem}");
        if (tunnel.IsPeerSilent == true)
            return new("tunnel", Failed, $"static, with {with}, which no longer answers HELLO");
        var error = Repetitions(tunnel) + (tunnel.LastSocketError is { } last ? $"; last socket error: {last}" : "");
        return tunnel.State switch
        {
            TunnelState.Established => new("tunnel", Done, $"with {with}, up for {Duration(tunnel.EstablishedAt?.Milliseconds, now)}"),
            TunnelState.WaitCtlReply => new("tunnel", Waiting, $"{with} has not answered our SCCRQ{error}"),
            TunnelState.WaitCtlConn => new("tunnel", Waiting, $"{with} has not completed the tunnel with SCCCN{error}"),
            _ => new("tunnel", Waiting, $"the name or the socket for {with} is not there yet, or the tunnel closes{error}"),
        };
    }

    private static string Repetitions(Tunnel tunnel) => tunnel.Counters.Retransmissions > 0
        ? string.Create(CultureInfo.InvariantCulture, $", which was sent {tunnel.Counters.Retransmissions + 1} times") : "";

    private static ExplanationStep CallStep(Session session) => session.State switch
    {
        SessionState.Established => new("session", Done, $"established, we are the {(session.IsLns ? "LNS" : "LAC")}"),
        SessionState.WaitTunnel => new("session", NotReached, "follows the tunnel"),
        SessionState.WaitReply => new("session", Waiting, "the peer has not answered our request (ICRQ or OCRQ)"),
        SessionState.WaitConnect => new("session", Waiting, "the peer has not completed the call (ICCN or OCCN)"),
        SessionState.WaitCsAnswer => new("session", Waiting, "the line has not answered"),
        _ => new("session", Waiting, "the call is being closed"),
    };

    private static ExplanationStep DataPlaneStep(Session session) => session switch
    {
        { State: not SessionState.Established } => new("data plane", NotReached, "follows the session"),
        { Data: DataState.None } => new("data plane", Waiting, "the tunnel's data path is not there yet"),
        { Data: DataState.Creating } => new("data plane", Waiting, "the session's data path is being made"),
        _ => new("data plane", Done, "the session's data path is there"),
    };

    private IReadOnlyList<ExplanationStep> PppOf(Session session)
    {
        if (session.Data < DataState.PppStarted && session.Profile.Ppp is not null)
            return [new("PPP", NotReached, "follows the data plane")];
        var steps = PppSteps(session);
        return steps.Count > 0 || session.Profile.Ppp is null || session.Data == DataState.NetworkUp ? steps
            : [new("PPP", Waiting, "pppd negotiates (its log lines say how far), or the null data plane carries no PPP")];
    }

    private static ExplanationStep NetworkStep(Session session, long now) => session switch
    {
        { Data: DataState.NetworkUp } => new("network", Done,
            $"up on {session.Interface}{Addresses(session)}, session up for {Duration(session.EstablishedAt?.Milliseconds, now)}"),
        { Profile.Ppp: null } => new("network", Off, "no PPP profile: only what the data plane makes"),
        _ => new("network", NotReached, "follows the first network layer of PPP"),
    };

    private static string Addresses(Session session) =>
        session.PeerAddress is null && session.LocalAddress is null ? ""
            : $", we are {session.LocalAddress ?? "?"}, the peer is {session.PeerAddress ?? "?"}";

    private static string Duration(long? since, long now) => TimeSpan.FromMilliseconds(Math.Max(0, now - (since ?? now))) switch
    {
        { TotalDays: >= 1 } days => string.Create(CultureInfo.InvariantCulture, $"{days.Days} d {days.Hours} h"),
        { TotalHours: >= 1 } hours => string.Create(CultureInfo.InvariantCulture, $"{hours.Hours} h {hours.Minutes} min"),
        { TotalMinutes: >= 1 } minutes => string.Create(CultureInfo.InvariantCulture, $"{minutes.Minutes} min {minutes.Seconds} s"),
        var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds.Seconds} s"),
    };
}
