using System.Buffers.Binary;
using L2tpd.Engine.Calls;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;

namespace L2tpd.Operations.Tracing;

/// <summary>
/// The header of the data message that carries a frame, made up for the capture: sequence numbers are left out, and a cookie is zeros.
/// </summary>
internal static class TraceHeader
{
    public static byte[] Of(Session session, bool isSent, int length)
    {
        var id = isSent ? session.PeerId : session.LocalId;
        if (session.Tunnel.Version == ProtocolVersion.V2)
        {
            var tunnel = isSent ? session.Tunnel.PeerId : session.Tunnel.LocalId;
            Span<byte> two = stackalloc byte[DataHeaderV2.MaxSize];
            return two[..new DataHeaderV2(tunnel, id, false, 0, false, 0, length).Write(two, withLength: false)].ToArray();
        }

        var wire = session.Pseudowire;
        var cookie = (isSent ? wire?.PeerCookie : wire?.LocalCookie)?.Length ?? 0;
        var sublayer = (isSent ? wire?.SendSublayer : wire?.ReceiveSublayer) is null or L2SpecificSublayer.None ? 0 : 4;
        var start = session.Tunnel.Path.Remote.IsOverIp ? 0 : 4;
        var three = new byte[start + 4 + cookie + sublayer];
        if (start > 0)
            three[1] = (byte)ProtocolVersion.V3;
        BinaryPrimitives.WriteUInt32BigEndian(three.AsSpan(start), id.Value);
        return three;
    }
}
