using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;

namespace L2tpd.Operations.Control;

/// <summary>
/// A name or id, parsed once and then compared with many tunnels and sessions. Names that the engine makes end in the id of their object,
/// so the name itself, which costs an allocation, is compared only where the id fits. Dialled tunnels and their sessions have configured
/// names, and there are few of them.
/// </summary>
internal readonly struct NameQuery
{
    private readonly string _text;
    private readonly uint? _only;
    private readonly uint? _last;
    private readonly (uint Tunnel, uint Session)? _pair;
    private readonly Endpoint? _address;

    public NameQuery(string text)
    {
        _text = text;
        var slash = text.LastIndexOf('/');
        _last = TryId(text.AsSpan(slash + 1), out var last) ? last : null;
        _only = slash < 0 ? _last : null;
        _pair = TryPair(text, out var tunnel, out var session) ? (tunnel, session) : null;
        _address = TryAddress(text, out var address) ? Endpoint.From(address, 0) : null;
    }

    /// <summary>An IP address without a port. "5" is an id and no address.</summary>
    public static bool TryAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return (text.Contains('.', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal))
            && IPAddress.TryParse(text, out address) && !text.StartsWith('[');
    }

    /// <summary>Whether the name is the address of that end, whatever its port and carrier.</summary>
    public bool IsAddressOf(Endpoint remote) => _address is { } address
        && (address.Address, address.IsIPv6) == (remote.Address, remote.IsIPv6);

    /// <summary>"1234/5678": our ids of tunnel and session.</summary>
    public static bool TryPair(string text, out uint tunnel, out uint session)
    {
        tunnel = session = 0;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && TryId(text.AsSpan(0, slash), out tunnel) && TryId(text.AsSpan(slash + 1), out session);
    }

    public static bool TryId(ReadOnlySpan<char> text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    public bool NamesTunnel(Tunnel tunnel) => (tunnel.IsInitiator || _last == tunnel.LocalId.Value) && tunnel.Name == _text;

    public bool IsIdOf(uint tunnel) => _only == tunnel;

    public bool NamesSession(Session session) => (session.Tunnel.IsInitiator || _last == session.LocalId.Value) && session.Name == _text;

    /// <summary>By "5678", by "1234/5678", or by the last part of a configured name.</summary>
    public bool IsIdOf(Session session)
    {
        if (_pair is { } pair)
            return pair.Tunnel == session.Tunnel.LocalId.Value && pair.Session == session.LocalId.Value;
        if (_only == session.LocalId.Value)
            return true;
        return session.Tunnel.IsInitiator
            && session.Name.AsSpan(session.Tunnel.Name.Length) is ['/', .. var own]
            && own.SequenceEqual(_text);
    }

    /// <summary>The session whose id is the last part, for tunnels that we did not dial.</summary>
    public Session? ByLastPart(Tunnel tunnel) =>
        _last is { } id && tunnel.Sessions.TryGetValue(new SessionId(id), out var session) ? session : null;

    /// <summary>For the history, which has only ids.</summary>
    public bool IsIdOf(uint tunnel, uint session) => session != 0 && _pair == (tunnel, session);
}
