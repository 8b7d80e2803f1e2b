using System.Globalization;

namespace L2tpd.Protocol;

/// <summary>
/// The id that one end gave a tunnel: the Tunnel ID of L2TPv2 (RFC 2661 section 3.1), the Control Connection ID of L2TPv3 (RFC 3931
/// section 3.2.1). Each end chooses its own.
/// </summary>
/// <param name="Value">The number on the wire: 0 to 65,535 in L2TPv2, 0 to 4,294,967,295 in L2TPv3.</param>
public readonly record struct TunnelId(uint Value) : ISpanFormattable
{
    /// <summary>No tunnel: the id of a peer that has not sent one yet.</summary>
    public static TunnelId None => default;

    /// <summary>Whether it is 0.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The decimal number, in the invariant culture.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number in <paramref name="format"/>, in the invariant culture whatever the provider.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => Value.ToString(format, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(destination, out charsWritten, format, CultureInfo.InvariantCulture);
}
