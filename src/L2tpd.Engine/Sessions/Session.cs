using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Tunnels;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Sessions;

/// <summary>One call in a tunnel.</summary>
public sealed class Session
{
    public SessionKey Key => throw new NotImplementedException();

    public Tunnel Tunnel { get; internal set; } = null!;

    /// <summary>Configured name of a dialled session; for others "tunnel name/our session id".</summary>
    public string Name => throw new NotImplementedException();

    public CallRole Role { get; internal set; }

    public SessionState State { get; internal set; }

    public DataState Data { get; internal set; }

    public uint LocalId { get; internal set; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public uint PeerId { get; internal set; }

    public SessionProfile Profile { get; internal set; } = null!;

    /// <summary>The ICRQ or OCRQ of the call, ours or the peer's.</summary>
    public CallRequest Request { get; internal set; } = null!;

    /// <summary>The ICCN or OCCN of the call; null until connected.</summary>
    public CallConnected? Connected { get; internal set; }

    /// <summary>Engine time of establishment, ms; 0 before.</summary>
    public long EstablishedAt { get; internal set; }

    /// <summary>Set once the network is up: interface and addresses.</summary>
    public string? Interface { get; internal set; }

    public string? LocalAddress { get; internal set; }

    public string? PeerAddress { get; internal set; }

    /// <summary>Last WEN received or sent, last ACCM received or sent.</summary>
    public CallErrors? CallErrors { get; internal set; }

    public Accm? Accm { get; internal set; }

    /// <summary>True on the LNS side of the call: the end that runs the PPP server.</summary>
    public bool IsLns => Role is CallRole.IncomingLns or CallRole.OutgoingLns;
}
