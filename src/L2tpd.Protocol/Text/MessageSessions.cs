using System.Buffers.Binary;
using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Text;

/// <summary>The session ids that a control message has in clear, in its header or in its AVPs.</summary>
public static class MessageSessions
{
    /// <summary>At most two ids, of the receiver and of the sender; none where there is none.</summary>
    /// <param name="message">The message from its flag word on.</param>
    public static (SessionId First, SessionId Second) Read(ReadOnlySpan<byte> message)
    {
        if (!ControlHeader.TryRead(message, out var header, out _))
            return default;
        var (first, second) = (header.SessionId, SessionId.None);
        var reader = new AvpReader(message[..header.Length]);
        while (reader.TryRead(out var avp))
        {
            var id = avp switch
            {
                _ when avp.IsHidden => SessionId.None,
                _ when avp.Is(AvpType.AssignedSessionId) && avp.Value.Length == 2 =>
                    new SessionId(BinaryPrimitives.ReadUInt16BigEndian(avp.Value)),
                _ when (avp.Is(AvpType.LocalSessionId) || avp.Is(AvpType.RemoteSessionId)) && avp.Value.Length == 4 =>
                    new SessionId(BinaryPrimitives.ReadUInt32BigEndian(avp.Value)),
                _ => SessionId.None,
            };
            if (id.IsNone)
                continue;
            if (first.IsNone)
                first = id;
            else if (second.IsNone)
                second = id;
        }

        return (first, second);
    }
}
