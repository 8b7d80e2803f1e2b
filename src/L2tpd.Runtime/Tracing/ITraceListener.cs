using L2tpd.Engine.Addressing;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Runtime.Tracing;

/// <summary>
/// Sees control messages and PPP frames as they pass. Loop thread only; it must not keep the octets, which are the caller's.
/// </summary>
public interface ITraceListener
{
    /// <summary>A control message was received or is to be sent.</summary>
    /// <param name="isSent">Whether we send it.</param>
    /// <param name="path">Both ends.</param>
    /// <param name="tunnel">Of a message to be sent, its tunnel; none if it has none, and for received messages.</param>
    /// <param name="message">The message from its flag word on, as it is on the wire.</param>
    void OnControl(bool isSent, in Path path, TunnelKey tunnel, ReadOnlySpan<byte> message);

    /// <summary>A frame of the built-in PPP was received or is to be sent.</summary>
    /// <param name="isSent">Whether we send it.</param>
    /// <param name="session">Its session.</param>
    /// <param name="user">The user, as far as it is known; <c>null</c> before.</param>
    /// <param name="frame">With or without FF 03.</param>
    void OnFrame(bool isSent, SessionKey session, string? user, ReadOnlySpan<byte> frame);
}
