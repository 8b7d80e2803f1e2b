using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>
/// Collects the replies to a Configure-Request's options: Reject takes precedence over Nak, Nak over Ack (RFC 1661 section 5.4).
/// </summary>
internal ref struct OptionReview
{
    private readonly bool _nakBecomesReject;
    private PacketWriter _nak;
    private PacketWriter _reject;

    /// <param name="nak">Room for the Nak.</param>
    /// <param name="reject">Room for the Reject.</param>
    /// <param name="nakBecomesReject">Max-Failure is reached: options that would get a Nak are rejected, and no missing option is asked
    /// for.</param>
    internal OptionReview(Span<byte> nak, Span<byte> reject, bool nakBecomesReject)
    {
        _nak = new PacketWriter(nak);
        _reject = new PacketWriter(reject);
        _nakBecomesReject = nakBecomesReject;
    }

    internal readonly ReadOnlySpan<byte> Naked => _nak.Written;

    internal readonly ReadOnlySpan<byte> Rejected => _reject.Written;

    /// <summary>The option is unknown or not negotiable.</summary>
    internal void Reject(scoped ReadOnlySpan<byte> option) => _reject.Bytes(option);

    /// <summary>The option's value is not acceptable; another is suggested.</summary>
    internal void Nak(scoped ReadOnlySpan<byte> option, scoped ReadOnlySpan<byte> suggestion)
    {
        if (_nakBecomesReject)
            _reject.Bytes(option);
        else
            _nak.Bytes(suggestion);
    }

    internal void NakUInt16(scoped ReadOnlySpan<byte> option, ushort value) => Nak(option, [option[0], 4, (byte)(value >> 8), (byte)value]);

    internal void NakUInt32(scoped ReadOnlySpan<byte> option, uint value) =>
        Nak(option, [option[0], 6, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    internal void NakUInt64(scoped ReadOnlySpan<byte> option, ulong value)
    {
        Span<byte> suggestion = stackalloc byte[10];
        var writer = new PacketWriter(suggestion);
        writer.OptionUInt64(option[0], value);
        Nak(option, writer.Written);
    }

    /// <summary>The request lacks an option with four octets that is wanted.</summary>
    internal void MissingUInt32(byte type, uint value)
    {
        if (!_nakBecomesReject)
            _nak.OptionUInt32(type, value);
    }

    /// <summary>The request lacks an option with eight octets that is wanted.</summary>
    internal void MissingUInt64(byte type, ulong value)
    {
        if (!_nakBecomesReject)
            _nak.OptionUInt64(type, value);
    }
}
