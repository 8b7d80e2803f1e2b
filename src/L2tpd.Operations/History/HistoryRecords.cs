using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;

namespace L2tpd.Operations.History;

/// <summary>Events to records. Values are copied; nothing is formatted.</summary>
internal static class HistoryRecords
{
    public static HistoryRecord From(TunnelEnded ended, long now) => About(ended.Tunnel) with
    {
        Kind = HistoryKind.TunnelEnded,
        Name = ended.Tunnel.Name,
        PeerId = ended.Tunnel.PeerId.Value,
        UpMilliseconds = Up(ended.Tunnel.EstablishedAt, now),
        Sessions = ended.Sessions,
        Reason = ended.Reason,
        IsHalfOpenEnd = HalfOpenEnd.Is(ended),
    };

    public static HistoryRecord From(TunnelNotCompleted ended) => new()
    {
        Kind = HistoryKind.TunnelEnded,
        Name = $"{ended.Profile}/{ended.HostName ?? "?"}/{ended.LocalId}",
        Peer = ended.Profile,
        HostName = ended.HostName,
        Remote = ended.Source,
        TunnelId = ended.LocalId.Value,
        PeerId = ended.PeerId.Value,
        UpMilliseconds = -1,
        Reason = ended.Reason,
        IsHalfOpenEnd = true,
    };

    public static HistoryRecord From(SessionEnded ended, long now) => About(ended.Session.Tunnel) with
    {
        Kind = HistoryKind.SessionEnded,
        Name = ended.Session.Name,
        User = ended.Session.User?.Name,
        Tunnel = ended.Session.Tunnel.Name,
        SessionId = ended.Session.LocalId.Value,
        PeerId = ended.Session.PeerId.Value,
        UpMilliseconds = Up(ended.Session.EstablishedAt, now),
        Reason = ended.Reason,
    };

    public static HistoryRecord From(PeerFellSilent silent, long now) => About(silent.Tunnel) with
    {
        Kind = HistoryKind.PeerSilent,
        Name = silent.Tunnel.Name,
        PeerId = silent.Tunnel.PeerId.Value,
        UpMilliseconds = Up(silent.Tunnel.EstablishedAt, now),
        Sessions = silent.Tunnel.Sessions.Count,
        Reason = new EndReason { Cause = EndCause.PeerUnreachable, Text = "the peer no longer answers HELLO; the tunnel stays" },
    };

    public static HistoryRecord From(DigestsFail fail) => About(fail.Tunnel) with
    {
        Kind = HistoryKind.DigestsFail,
        Name = fail.Tunnel.Name,
        UpMilliseconds = -1,
        Reason = new EndReason { Cause = EndCause.AuthenticationFailed, Text = TunnelProblem.SecretsMayDiffer },
        IsHalfOpenEnd = !fail.Tunnel.IsInitiator,
    };

    public static HistoryRecord From(TunnelRefused refused) => new()
    {
        Kind = HistoryKind.TunnelRefused,
        Name = refused.Source.ToString(),
        HostName = refused.HostName,
        Remote = refused.Source,
        UpMilliseconds = -1,
        Refusal = refused.Result,
        RefusalText = refused.Reason,
    };

    public static HistoryRecord From(SessionRefused refused) => About(refused.Tunnel) with
    {
        Kind = HistoryKind.SessionRefused,
        Name = refused.Tunnel.Name,
        Tunnel = refused.Tunnel.Name,
        PeerId = refused.PeerSessionId.Value,
        UpMilliseconds = -1,
        Refusal = refused.Result,
        RefusalText = refused.Reason,
    };

    public static HistoryRecord From(SubscriberRefused refused) => About(refused.Session.Tunnel) with
    {
        Kind = HistoryKind.AuthenticationFailed,
        Name = refused.Session.Name,
        Tunnel = refused.Session.Tunnel.Name,
        SessionId = refused.Session.LocalId.Value,
        PeerId = refused.Session.PeerId.Value,
        UpMilliseconds = -1,
        RefusalText = refused.Reason,
        User = refused.User,
    };

    public static HistoryRecord From(LookupFailed failed) => new()
    {
        Kind = HistoryKind.LookupFailed,
        Name = failed.Host,
        UpMilliseconds = -1,
        RefusalText = failed.Error,
    };

    public static HistoryRecord From(IkeFailed failed) => new()
    {
        Kind = HistoryKind.IkeFailed,
        Name = failed.Peer,
        Remote = IPAddress.TryParse(failed.Peer, out var address) ? Endpoint.From(address, 0) : default,
        UpMilliseconds = -1,
        RefusalText = failed.Reason,
    };

    /// <param name="record">The record.</param>
    /// <param name="name">A tunnel's, session's, user's or peer's name, or a peer's address.</param>
    /// <param name="query">The same name, parsed.</param>
    public static bool Fits(in HistoryRecord record, string name, in NameQuery query) =>
        record.Name == name
        || record.Tunnel == name
        || record.Peer == name
        || record.User == name
        || query.IsAddressOf(record.Remote)
        || (record.TunnelId != 0 && query.IsIdOf(record.TunnelId))
        || query.IsIdOf(record.TunnelId, record.SessionId);

    private static HistoryRecord About(Tunnel tunnel) => new()
    {
        Name = "",
        Peer = tunnel.Profile.Name,
        HostName = tunnel.PeerIntroduction?.HostName,
        Remote = tunnel.Path.Remote,
        TunnelId = tunnel.LocalId.Value,
    };

    // The engine keeps the time of establishment when it leaves the state; 0 means never.
    private static long Up(Instant? establishedAt, long now) =>
        establishedAt is { } since ? Math.Max(0, now - since.Milliseconds) : -1;
}
