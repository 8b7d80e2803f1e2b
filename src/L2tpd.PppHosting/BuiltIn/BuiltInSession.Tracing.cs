using L2tpd.Ppp.Text;
using L2tpd.Ppp.Wire;
using L2tpd.Runtime.Tracing;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>What a trace sees of the session.</content>
internal sealed partial class BuiltInSession
{
    private const int LongestPacket = 2_048;

    /// <summary>The peer's user, or ourselves where we are the client; <c>null</c> as long as it is not known.</summary>
    public string? TracedUser => IsServer ? _user ?? _endpoint.PeerName : _profile.Source.User;

    /// <summary>The frame with the user's name is the first of which the user is known.</summary>
    private void TraceFrame(ITraceListener trace, bool isSent, ReadOnlySpan<byte> frame) =>
        trace.OnFrame(isSent, Key, TracedUser ?? (isSent ? null : PppFrameText.ClaimedName(frame)), frame);

    /// <summary>A control packet of IPv6, which the data plane gives without the header of PPP.</summary>
    private void TracePacket(ITraceListener trace, ReadOnlySpan<byte> packet)
    {
        if (packet.Length > LongestPacket)
            return;
        Span<byte> frame = stackalloc byte[LongestPacket + 2];
        frame[1] = (byte)PppProtocol.Ipv6;
        packet.CopyTo(frame[2..]);
        trace.OnFrame(isSent: false, Key, TracedUser, frame[..(packet.Length + 2)]);
    }
}
