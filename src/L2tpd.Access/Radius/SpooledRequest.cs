using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>An Accounting-Request whose content was on disk.</summary>
/// <param name="record">The content.</param>
/// <param name="unixTime">Seconds since 1970, when the request is submitted.</param>
internal sealed class SpooledRequest(SpoolRecord record, uint unixTime) : SessionRequest
{
    /// <inheritdoc/>
    public override RadiusService Service => RadiusService.Accounting;

    /// <summary>The content of a request for the disk: all but what changes with each transmission.</summary>
    /// <param name="request">The request.</param>
    public static byte[] ContentOf(RadiusAccountingRequest request)
    {
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize], RadiusCode.AccountingRequest, 0, [], [], false);
        request.Write(ref builder, 0, 0);
        RadiusPacket.TryParse(builder.Seal(), out var packet);
        var content = new List<byte>(packet.Octets.Length);
        foreach (var attribute in packet.Attributes)
        {
            if (!IsOfTransmission(attribute.Type))
                content.AddRange(attribute.Octets);
        }

        return [.. content];
    }

    /// <inheritdoc/>
    public override void Write(ref PacketBuilder packet, int server, long delay)
    {
        foreach (var attribute in new AttributeReader(record.Attributes.Span))
        {
            // A file that somebody changed may have them.
            if (!IsOfTransmission(attribute.Type))
                packet.Add(attribute.Type, attribute.Value);
        }

        WriteAddress(ref packet, server);
        packet.AddUInt32(AttributeType.EventTimestamp, record.Timestamp);
        packet.AddUInt32(AttributeType.AcctDelayTime, (uint)Math.Max(0, (long)unixTime - record.Timestamp + (delay / 1_000)));
    }

    private static bool IsOfTransmission(AttributeType type) => type is AttributeType.MessageAuthenticator
        or AttributeType.EventTimestamp or AttributeType.AcctDelayTime or AttributeType.NasIpAddress or AttributeType.NasIpv6Address;
}
