using System.Buffers.Binary;
using System.Net;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>An Accounting-Request (RFC 2866, RFC 2867, RFC 2869, RFC 3162, RFC 4372, RFC 4818).</summary>
/// <param name="record">What is accounted.</param>
/// <param name="timestamp">When it happened, seconds since 1970.</param>
/// <param name="waited">Milliseconds from the event until the request was submitted.</param>
internal sealed class RadiusAccountingRequest(AccountingRecord record, uint timestamp, long waited) : SessionRequest
{
    private const uint ByRadius = 1;
    private const uint ByUs = 2;

    /// <inheritdoc/>
    public override RadiusService Service => RadiusService.Accounting;

    /// <inheritdoc/>
    public override uint Affinity => AffinityOf(Encoding.UTF8.GetBytes(record.UserName ?? record.Session.SessionId));

    /// <inheritdoc/>
    public override void Write(ref PacketBuilder packet, int server, long delay)
    {
        packet.AddUInt32(AttributeType.AcctStatusType, (uint)record.Status);
        WriteServer(ref packet, server, record.Session);
        if (record.Status is AccountingStatus.On or AccountingStatus.Off)
        {
            packet.AddText(AttributeType.AcctSessionId, record.Session.SessionId);
            if (record.Status == AccountingStatus.On)
                packet.AddUInt32(AttributeType.AcctTerminateCause, (uint)TerminateCause.NasReboot);
        }
        else
        {
            WriteUser(ref packet);
            WriteSession(ref packet, record.Session);
            WriteConnection(ref packet);
            WriteAddresses(ref packet);
        }

        packet.AddUInt32(AttributeType.EventTimestamp, timestamp);
        packet.AddUInt32(AttributeType.AcctDelayTime, Seconds(waited + delay));
        if (record.Status is AccountingStatus.Interim or AccountingStatus.Stop)
            WriteCounters(ref packet);
        if (record.Status == AccountingStatus.Stop)
            packet.AddUInt32(AttributeType.AcctTerminateCause, (uint)record.TerminateCause);
    }

    private static uint Seconds(long milliseconds) => (uint)Math.Clamp(milliseconds / 1_000, 0, uint.MaxValue);

    private void WriteUser(ref PacketBuilder packet)
    {
        packet.AddText(AttributeType.UserName, record.UserName);
        foreach (var value in record.Class)
            packet.Add(AttributeType.Class, value.AsSpan());
        if (!record.ChargeableUserIdentity.IsDefaultOrEmpty)
            packet.Add(AttributeType.ChargeableUserIdentity, record.ChargeableUserIdentity.AsSpan());

        packet.AddUInt32(AttributeType.AcctAuthentic, record.AuthenticatedBy == AuthenticationSource.Radius ? ByRadius : ByUs);
    }

    private void WriteConnection(ref PacketBuilder packet)
    {
        if (record.Session.TunnelConnection is { } connection)
            packet.Add(AttributeType.AcctTunnelConnection, Encoding.UTF8.GetBytes(connection));
        AddUntagged(ref packet, AttributeType.TunnelAssignmentId, record.Session.TunnelAssignmentId);
    }

    private void WriteAddresses(ref PacketBuilder packet)
    {
        if (!record.Address.IsNone)
            packet.AddUInt32(AttributeType.FramedIpAddress, record.Address.Value);
        if (record.InterfaceIdentifier != 0)
        {
            Span<byte> octets = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(octets, record.InterfaceIdentifier);
            packet.Add(AttributeType.FramedInterfaceId, octets);
        }

        foreach (var prefix in record.Ipv6Prefixes)
            AddPrefix(ref packet, AttributeType.FramedIpv6Prefix, prefix);
        foreach (var prefix in record.DelegatedPrefixes)
            AddPrefix(ref packet, AttributeType.DelegatedIpv6Prefix, prefix);
        foreach (var address in record.Ipv6Addresses)
            packet.Add(AttributeType.FramedIpv6Address, address.GetAddressBytes());
    }

    private static void AddPrefix(ref PacketBuilder packet, AttributeType type, IPNetwork prefix)
    {
        Span<byte> octets = stackalloc byte[PrefixValue.MaxSize];
        packet.Add(type, octets[..PrefixValue.Write(prefix, octets)]);
    }

    /// <summary>"In" is from the user. Gigawords (RFC 2869 section 5.1) are sent also when they are 0.</summary>
    private void WriteCounters(ref PacketBuilder packet)
    {
        var counters = record.Counters;
        packet.AddUInt32(AttributeType.AcctSessionTime, Seconds(record.SessionTime));
        packet.AddUInt32(AttributeType.AcctInputOctets, (uint)counters.OctetsIn);
        packet.AddUInt32(AttributeType.AcctInputGigawords, (uint)(counters.OctetsIn >> 32));
        packet.AddUInt32(AttributeType.AcctOutputOctets, (uint)counters.OctetsOut);
        packet.AddUInt32(AttributeType.AcctOutputGigawords, (uint)(counters.OctetsOut >> 32));
        packet.AddUInt32(AttributeType.AcctInputPackets, (uint)counters.PacketsIn);
        packet.AddUInt32(AttributeType.AcctOutputPackets, (uint)counters.PacketsOut);
    }
}
