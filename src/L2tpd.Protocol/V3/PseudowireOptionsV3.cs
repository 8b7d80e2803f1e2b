using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V3;

/// <summary>The AVPs about the data of a session that its setup messages have in common (RFC 3931 section 5.4.4).</summary>
internal static class PseudowireOptionsV3
{
    private static readonly PseudowireOptions None = new();

    /// <c>null</c> if the message has none of them.
    public static PseudowireOptions? Read(in AvpFields fields)
    {
        var isPresent = fields.Has(AvpType.AssignedCookie) || fields.Has(AvpType.L2SpecificSublayer) || fields.Has(AvpType.DataSequencing)
            || fields.Has(AvpType.CircuitStatus) || fields.Has(AvpType.TxConnectSpeed64) || fields.Has(AvpType.RxConnectSpeed64)
            || fields.Has(AvpType.InterfaceMtu) || fields.Has(AvpType.VccvCapability);
        return !isPresent ? null : new PseudowireOptions
        {
            AssignedCookie = fields.Octets(AvpType.AssignedCookie),
            Sublayer = (L2SpecificSublayer?)fields.OptionalUInt16(AvpType.L2SpecificSublayer),
            DataSequencing = (DataSequencing?)fields.OptionalUInt16(AvpType.DataSequencing),
            CircuitStatus = (CircuitStatus?)fields.OptionalUInt16(AvpType.CircuitStatus),
            TxConnectSpeed = fields.OptionalUInt64(AvpType.TxConnectSpeed64),
            RxConnectSpeed = fields.OptionalUInt64(AvpType.RxConnectSpeed64),
            InterfaceMtu = fields.OptionalUInt16(AvpType.InterfaceMtu),
            Vccv = AvpValueCodec.ReadVccv(fields),
        };
    }

    /// <summary>For ICRQ, ICRP, OCRQ and OCRP, which must have Circuit Status: active unless the caller sets another one.</summary>
    public static void WriteWithStatus(ref AvpWriter writer, PseudowireOptions? options) =>
        Write(ref writer, options ?? None, options?.CircuitStatus ?? CircuitStatus.Active);

    /// <summary>For ICCN and OCCN, which need none of them.</summary>
    public static void Write(ref AvpWriter writer, PseudowireOptions? options)
    {
        if (options is not null)
            Write(ref writer, options, options.CircuitStatus);
    }

    private static void Write(ref AvpWriter writer, PseudowireOptions options, CircuitStatus? status)
    {
        writer.Octets(AvpType.AssignedCookie, options.AssignedCookie);
        writer.UInt16(AvpType.L2SpecificSublayer, (ushort?)options.Sublayer);
        writer.UInt16(AvpType.DataSequencing, (ushort?)options.DataSequencing);
        writer.UInt16(AvpType.CircuitStatus, (ushort?)status);
        writer.UInt64(AvpType.TxConnectSpeed64, options.TxConnectSpeed);
        writer.UInt64(AvpType.RxConnectSpeed64, options.RxConnectSpeed);
        writer.UInt16(AvpType.InterfaceMtu, options.InterfaceMtu);
        AvpValueCodec.WriteVccv(ref writer, options.Vccv);
    }
}
