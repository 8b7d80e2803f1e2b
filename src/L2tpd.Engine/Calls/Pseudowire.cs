using L2tpd.Engine.Snapshots;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Calls;

/// <summary>The L2TPv3 parameters of a session: what this end wants, and what the peer sent (RFC 3931 section 5.4.4).</summary>
public sealed class Pseudowire
{
    internal Pseudowire(PseudowireType type, byte[] remoteEndId)
    {
        Type = type;
        RemoteEndId = remoteEndId;
    }

    public PseudowireType Type { get; }

    /// <summary>AVP 66, as sent or received.</summary>
    public byte[] RemoteEndId { get; }

    /// <summary>0, 4 or 8 octets that data must carry to be accepted here.</summary>
    public byte[] LocalCookie { get; internal set; } = [];

    /// <summary>0, 4 or 8 octets that data sent to the peer must carry.</summary>
    public byte[] PeerCookie { get; internal set; } = [];

    /// <summary>The sublayer of data that we receive: our AVP 69.</summary>
    public L2SpecificSublayer ReceiveSublayer { get; internal set; }

    /// <summary>The sublayer of data that we send: the peer's AVP 69.</summary>
    public L2SpecificSublayer SendSublayer { get; internal set; }

    /// <summary>Which data we asked to be sent with sequence numbers.</summary>
    public DataSequencing ReceiveLevel { get; internal set; }

    /// <summary>Which data the peer wants with sequence numbers.</summary>
    public DataSequencing SendLevel { get; internal set; }

    public CircuitStatus LocalStatus { get; internal set; } = CircuitStatus.Active;

    /// <summary>As last received, with all bits; <c>null</c> before.</summary>
    public CircuitStatus? PeerStatus { get; internal set; }

    /// <summary>The Interface MTU (AVP 91) of the peer; <c>null</c> if it sent none.</summary>
    public ushort? PeerMtu { get; internal set; }

    /// <summary>Attachment Group Identifier AVP 89 of the peer's request (RFC 4667); <c>null</c> if it sent none.</summary>
    public byte[]? PeerAttachmentGroupId { get; internal set; }

    /// <summary>Local End ID AVP 90 of the peer's request (RFC 4667): its own name for its circuit; <c>null</c> if it sent none.</summary>
    public byte[]? PeerEndId { get; internal set; }

    /// <summary>The connect speeds that the peer sent, bit/s; 0 or <c>null</c> if unknown.</summary>
    public ulong? PeerTxSpeed { get; internal set; }

    public ulong? PeerRxSpeed { get; internal set; }

    /// <summary>Both directions must have the same sublayer: the configuration names one, or the data plane has one only.</summary>
    internal bool NeedsEqualSublayers { get; init; }

    /// <summary>The key by which our request for this Remote End ID is found when the peer asks for the same one.</summary>
    internal string TieKey => Convert.ToHexString(RemoteEndId);

    internal static Pseudowire Restore(PseudowireSnapshot snapshot) => new(snapshot.Type, snapshot.RemoteEndId)
    {
        LocalCookie = snapshot.LocalCookie,
        PeerCookie = snapshot.PeerCookie,
        ReceiveSublayer = snapshot.ReceiveSublayer,
        SendSublayer = snapshot.SendSublayer,
        ReceiveLevel = snapshot.ReceiveLevel,
        SendLevel = snapshot.SendLevel,
        LocalStatus = snapshot.LocalStatus,
        PeerStatus = snapshot.PeerStatus,
        PeerMtu = snapshot.PeerMtu,
        PeerTxSpeed = snapshot.PeerTxSpeed,
        PeerRxSpeed = snapshot.PeerRxSpeed,
        NeedsEqualSublayers = snapshot.NeedsEqualSublayers,
    };

    internal PseudowireSnapshot ToSnapshot() => new()
    {
        Type = Type,
        RemoteEndId = RemoteEndId,
        LocalCookie = LocalCookie,
        PeerCookie = PeerCookie,
        ReceiveSublayer = ReceiveSublayer,
        SendSublayer = SendSublayer,
        ReceiveLevel = ReceiveLevel,
        SendLevel = SendLevel,
        LocalStatus = LocalStatus,
        PeerStatus = PeerStatus,
        PeerMtu = PeerMtu,
        PeerTxSpeed = PeerTxSpeed,
        PeerRxSpeed = PeerRxSpeed,
        NeedsEqualSublayers = NeedsEqualSublayers,
    };
}
